// Backups: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of backups. */
export function backupHandlers({ backups }: Services) {
  return {
    backup: ({ caller, signal }) => backups.create(caller, signal),
  } satisfies Partial<Handlers>;
}
