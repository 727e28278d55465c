// What the handlers call.

import type { Backups } from "../../services/backups.ts";
import type { Budgets } from "../../services/budgets.ts";
import type { Curves } from "../../services/curves.ts";
import type { Datasets } from "../../services/datasets.ts";
import type { Endpoints } from "../../services/endpoints.ts";
import type { Explanations } from "../../services/explanations.ts";
import type { Invoices } from "../../services/invoices.ts";
import type { Keys } from "../../services/keys.ts";
import type { ModelExports } from "../../services/model-exports.ts";
import type { ModelImports } from "../../services/model-imports.ts";
import type { Models } from "../../services/models.ts";
import type { Money } from "../../services/money.ts";
import type { Plans } from "../../services/plans.ts";
import type { Policies } from "../../services/policies.ts";
import type { Prices } from "../../services/prices.ts";
import type { Queries } from "../../services/queries.ts";
import type { RunStreams } from "../../services/run-stream.ts";
import type { Runs } from "../../services/runs.ts";
import type { OpenInference } from "../../services/serving/open-inference.ts";
import type { Predictions } from "../../services/serving/predictions.ts";
import type { Studies } from "../../services/studies.ts";
import type { StudyStreams } from "../../services/study-stream.ts";
import type { System } from "../../services/system.ts";
import type { UsageLog } from "../../services/usage-log.ts";

/** The services behind the routes. */
export interface Services {
  readonly backups: Backups;
  readonly budgets: Budgets;
  readonly curves: Curves;
  readonly datasets: Datasets;
  readonly endpoints: Endpoints;
  readonly inference: OpenInference;
  readonly invoices: Invoices;
  readonly keys: Keys;
  readonly models: Models;
  readonly money: Money;
  readonly plans: Plans;
  readonly policies: Policies;
  readonly prices: Prices;
  readonly predictions: Predictions;
  readonly queries: Queries;
  readonly imports: ModelImports;
  readonly exports: ModelExports;
  readonly explanations: Explanations;
  readonly runs: Runs;
  readonly streams: RunStreams;
  readonly studies: Studies;
  readonly studyStreams: StudyStreams;
  readonly system: System;
  readonly usage: UsageLog;
  metricsText(): Promise<string>;
}
