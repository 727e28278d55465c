// Data sets and queries: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of data sets and queries. */
export function datasetHandlers({ datasets, queries }: Services) {
  return {
    importDataset: ({ caller, query, file }) => datasets.upload(caller, { ...query, file }),
    appendRows: ({ caller, params, query, file }) => datasets.append(caller, { ...query, ...params, file }),
    listDatasets: ({ caller }) => datasets.list(caller),
    getDataset: ({ caller, params }) => datasets.get(caller, params.name),
    getDatasetVersion: ({ caller, params }) => datasets.get(caller, params.name, params.version),
    sql: ({ caller, body, signal }) => queries.run(caller, { ...body, signal }),
  } satisfies Partial<Handlers>;
}
