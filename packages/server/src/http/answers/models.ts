// The model registry: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of the model registry. */
export function modelHandlers({ models, imports, exports, explanations }: Services) {
  return {
    registerModel: ({ caller, body }) => models.register(caller, body),
    importModel: ({ caller, query, file }) => imports.take(caller, { ...query, file }),
    listModels: ({ caller }) => models.list(caller),
    getModel: ({ caller, params }) => models.get(caller, params.name),
    downloadModel: ({ caller, params }) => models.file(caller, params.name, params.version),
    exportModel: ({ caller, params, query }) => exports.file(caller, { ...params, ...query }),
    explain: ({ caller, params, body, signal }) => explanations.explain(caller, { ...params, ...body, signal }),
    setAlias: ({ caller, params, body }) => models.setAlias(caller, { ...params, ...body }),
    deleteAlias: ({ caller, params }) => models.deleteAlias(caller, params),
  } satisfies Partial<Handlers>;
}
