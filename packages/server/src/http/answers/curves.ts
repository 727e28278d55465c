// Curves: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of curves. */
export function curveHandlers({ curves }: Services) {
  return {
    createCurve: ({ caller, body, signal }) => curves.create(caller, body, signal),
  } satisfies Partial<Handlers>;
}
