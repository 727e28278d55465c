// Keys and usage.
import { z } from "zod";
import { Key, KeyRequest, NewKey, Usage, UsageQuery } from "../resources/access.ts";
import { ById, define } from "./route.ts";

export const accessRoutes = {
  createKey: define({
    method: "POST",
    path: "/v1/keys",
    tag: "access",
    summary: "Make an API key; its secret is shown this once",
    role: "admin",
    body: KeyRequest,
    response: NewKey,
    status: 201,
    errors: [],
  }),
  listKeys: define({
    method: "GET",
    path: "/v1/keys",
    tag: "access",
    summary: "All keys",
    role: "admin",
    response: z.array(Key),
    errors: [],
  }),
  getOwnKey: define({
    method: "GET",
    path: "/v1/key",
    tag: "access",
    summary: "The key that asks: its name and role",
    role: "predict",
    response: Key,
    errors: [],
  }),
  revokeKey: define({
    method: "DELETE",
    path: "/v1/keys/:id",
    tag: "access",
    summary: "Revoke a key at once",
    role: "admin",
    params: ById,
    response: Key,
    errors: ["NOT_FOUND", "CONFLICT"],
  }),
  usage: define({
    method: "GET",
    path: "/v1/usage",
    tag: "access",
    summary: "What was used and what it costs",
    role: "viewer",
    query: UsageQuery,
    response: Usage,
    errors: [],
  }),
};
