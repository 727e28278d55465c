// Plans: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of plans. */
export function planHandlers({ plans, datasets }: Services) {
  return {
    createPlan: ({ caller, body }) => plans.create(caller, body, datasets),
  } satisfies Partial<Handlers>;
}
