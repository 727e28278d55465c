// What a route is, and the parts that many share.
import { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import type { Role } from "../resources/access.ts";
import { Name } from "../resources/common.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` for parameters. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** The least role that may call it; null: no key needed. */
  readonly role: Role | null;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The call costs money: it is refused when a budget is used up. */
  readonly spends?: true;
  /** `stream`: the body is the raw bytes of a file. */
  readonly upload?: true;
  readonly response: z.ZodType;
  /** Answers this status when all is well. Default 200. */
  readonly status?: 200 | 201 | 202;
  /**
   * How the answer travels. Default JSON; `events` is server-sent events of `response`; a `file` is small enough to be
   * held in memory, a `stream` is not.
   */
  readonly answer?: "json" | "events" | "text" | "file" | "stream";
  /** Errors beyond those every route can give. */
  readonly errors: readonly ErrorCode[];
}

export const ByName = z.object({ name: Name });
export const ById = z.object({ id: z.string().min(1).max(100) });
export const VersionParams = z.object({ name: Name, version: z.coerce.number().int().min(1) });

/** Keeps an entry's literal types, so that the client infers params, query, body and response. */
export function define<const R extends Route>(route: R): R {
  return route;
}
