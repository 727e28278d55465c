// Health and metrics: open to all.
import { z } from "zod";
import { Health } from "../resources/access.ts";
import { define } from "./route.ts";

export const healthRoutes = {
  live: define({
    method: "GET",
    path: "/healthz",
    tag: "health",
    summary: "Is the process alive",
    role: null,
    response: Health,
    errors: [],
  }),
  ready: define({
    method: "GET",
    path: "/readyz",
    tag: "health",
    summary: "Can it serve, with the reason if not",
    role: null,
    response: Health,
    errors: ["OVERLOADED"],
  }),
  metrics: define({
    method: "GET",
    path: "/metrics",
    tag: "health",
    summary: "Prometheus metrics",
    role: null,
    response: z.string(),
    answer: "text",
    errors: [],
  }),
};
