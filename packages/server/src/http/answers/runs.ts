// Runs and comparisons: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of runs and comparisons. */
export function runHandlers({ runs, streams }: Services) {
  return {
    createRun: ({ caller, body }) => runs.create(caller, body),
    listRuns: ({ caller, query }) => runs.list(caller, query),
    getRun: ({ caller, params }) => runs.get(caller, params.id),
    watchRun: async ({ caller, params, query, signal, lastEventId }) =>
      streams.run(caller, { id: params.id, after: placeOf(lastEventId) ?? query.after, signal }),
    getRunChart: ({ caller, params }) => runs.chart(caller, params.id),
    cancelRun: ({ caller, params }) => runs.cancel(caller, params.id),
    reproduceRun: ({ caller, params }) => runs.reproduce(caller, params.id),
    getReproduction: ({ caller, params }) => runs.reproduction(caller, params.id),
    createComparison: ({ caller, body }) => runs.compare(caller, body),
    listComparisons: ({ caller, query }) => runs.listComparisons(caller, query),
    getComparison: ({ caller, params }) => runs.getComparison(caller, params.id),
    watchComparison: async ({ caller, params, signal, lastEventId }) =>
      streams.comparison(caller, { id: params.id, after: lastEventId, signal }),
  } satisfies Partial<Handlers>;
}

// Internal

function placeOf(lastEventId: string | undefined): number | undefined {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}
