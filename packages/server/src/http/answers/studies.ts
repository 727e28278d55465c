// Studies and trials: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of studies. */
export function studyHandlers({ studies, studyStreams }: Services) {
  return {
    createStudy: ({ caller, body }) => studies.create(caller, body),
    listStudies: ({ caller, query }) => studies.list(caller, query),
    getStudy: ({ caller, params }) => studies.get(caller, params.name),
    listTrials: ({ caller, params, query }) => studies.trials(caller, params.name, query),
    watchStudy: async ({ caller, params, query, signal, lastEventId }) =>
      studyStreams.study(caller, { name: params.name, after: placeOf(lastEventId) ?? query.after, signal }),
    stopStudy: ({ caller, params }) => studies.stop(caller, params.name),
    resumeStudy: ({ caller, params, body }) => studies.resume(caller, params.name, body),
  } satisfies Partial<Handlers>;
}

// Internal

function placeOf(lastEventId: string | undefined): number | undefined {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}
