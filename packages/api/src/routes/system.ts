// The server itself: facts, catalogue, audit log.
import { z } from "zod";
import { AuditEntry, CatalogueEntry, SystemInfo } from "../resources/access.ts";
import { define } from "./route.ts";

export const systemRoutes = {
  system: define({
    method: "GET",
    path: "/v1/system",
    tag: "system",
    summary: "Version, database and resources of the server",
    role: "viewer",
    response: SystemInfo,
    errors: [],
  }),
  catalogue: define({
    method: "GET",
    path: "/v1/catalogue",
    tag: "system",
    summary: "Estimators and transformers with their parameters",
    role: "viewer",
    response: z.array(CatalogueEntry),
    errors: [],
  }),
  audit: define({
    method: "GET",
    path: "/v1/audit",
    tag: "system",
    summary: "Latest changes, newest first",
    role: "admin",
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    response: z.array(AuditEntry),
    errors: [],
  }),
};
