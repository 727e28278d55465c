// Who asks: every service takes it, so that nothing is done without a project, and nothing is changed unrecorded.
import { ApiError, ROLES, type Role } from "@massif/api";

/** The key behind a request, and the request. */
export interface Caller {
  readonly projectId: string;
  readonly keyId: string;
  readonly role: Role;
  readonly requestId: string;
  /** Most that the key may spend in a month, and most its project may; absent or null is no limit. */
  readonly keyBudget?: number | null;
  readonly projectBudget?: number | null;
}

/** Throws FORBIDDEN unless the caller's role may do what `least` may. */
export function requireRole(caller: Pick<Caller, "role">, least: Role): void {
  if (ROLES.indexOf(caller.role) <= ROLES.indexOf(least)) return;
  throw new ApiError("FORBIDDEN", `this needs a key with the role ${orMore(least)}; this key's role is ${caller.role}`);
}

// Internal

function orMore(role: Role): string {
  return ROLES.slice(0, ROLES.indexOf(role) + 1)
    .reverse()
    .join(" or ");
}
