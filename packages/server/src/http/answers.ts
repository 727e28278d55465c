// A handler for every route. No rules here and in the folder beside it.

import { backupHandlers } from "./answers/backup.ts";
import { curveHandlers } from "./answers/curves.ts";
import { datasetHandlers } from "./answers/datasets.ts";
import { endpointHandlers } from "./answers/endpoints.ts";
import { keyHandlers } from "./answers/keys.ts";
import { modelHandlers } from "./answers/models.ts";
import { moneyHandlers } from "./answers/money.ts";
import { openInferenceHandlers } from "./answers/open-inference.ts";
import { planHandlers } from "./answers/plans.ts";
import { policyHandlers } from "./answers/policies.ts";
import { recommendHandlers } from "./answers/recommend.ts";
import { runHandlers } from "./answers/runs.ts";
import type { Services } from "./answers/services.ts";
import { studyHandlers } from "./answers/studies.ts";
import { systemHandlers } from "./answers/system.ts";
import type { Handlers } from "./handlers.ts";

/** The handlers over these services. */
export function makeHandlers(services: Services): Handlers {
  return {
    ...systemHandlers(services),
    ...datasetHandlers(services),
    ...runHandlers(services),
    ...studyHandlers(services),
    ...modelHandlers(services),
    ...endpointHandlers(services),
    ...recommendHandlers(services),
    ...openInferenceHandlers(services),
    ...keyHandlers(services),
    ...curveHandlers(services),
    ...planHandlers(services),
    ...policyHandlers(services),
    ...moneyHandlers(services),
    ...backupHandlers(services),
  };
}
