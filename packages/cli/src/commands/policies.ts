// `massif policies`: when a model is trained anew, and what came of it.
import type { Policy, Retraining } from "@massif/api";
import type { Command } from "commander";
import { addCommand, addGroup, numberBetween, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { count, figure, moment } from "../figures.ts";
import type { Session } from "../session.ts";
import { facts, table } from "../table.ts";

interface SetOptions {
  readonly dataset: string;
  readonly everyRows?: number;
  readonly schedule?: string;
  readonly alias: string;
  readonly metric?: string;
  readonly minImprovement?: number;
}

export function addPolicies(program: Command, session: Session): void {
  const policies = addGroup(program, "policies", "retrain models as their data grows");
  addSet(policies, session);
  addList(policies, session);
  addShow(policies, session);
  addCommand(policies, "remove <model>", {
    summary: "stop retraining a model",
    examples: [["massif policies remove prices", "its versions and aliases stay as they are"]],
  }).action(async (name: string) => {
    const { client } = await connect(session);
    const policy = await client.deletePolicy({ params: { name }, signal: session.signal });
    session.answer(policy, () => `${policy.model} is no longer retrained`);
  });
}

// Internal

function addSet(policies: Command, session: Session): void {
  addCommand(policies, "set <model>", {
    summary: "retrain a model past so many new rows, or at times",
    description:
      "Trains a model anew when rows were appended to a data set, or at the times of a schedule: from where the model " +
      "stands if its estimator can go on, else from scratch. Both models are judged on a share of the newest rows that " +
      "neither has learned from, and the alias moves only to a better one.",
    examples: [
      ["massif policies set prices --dataset sales --every-rows 10000", "past each 10,000 appended rows"],
      ['massif policies set prices --dataset sales --schedule "0 3 * * *"', "every day at 03:00 UTC"],
      ["massif policies set prices --dataset sales --every-rows 1000 --min-improvement 0.01", "only if 1 % better"],
    ],
  })
    .requiredOption("--dataset <name>", "the data set whose newest rows the model follows")
    .option("--every-rows <n>", "when so many rows were appended", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option("--schedule <cron>", "at these times: minute, hour, day, month, weekday; in UTC")
    .option("--alias <name>", "the alias that moves to a better version", "production")
    .option("--metric <name>", "what is compared; default: the metric that ranks runs")
    .option("--min-improvement <share>", "by how much it must be better", numberBetween(0, 1))
    .action(async (name: string, { minImprovement = 0, ...options }: SetOptions) => {
      const { client } = await connect(session);
      const body = { ...options, minImprovement };
      const policy = await client.setPolicy({ params: { name }, body, signal: session.signal });
      session.answer(policy, () => policyText(policy, session));
    });
}

function addList(policies: Command, session: Session): void {
  addCommand(policies, "list", {
    summary: "list all retraining policies",
    examples: [["massif policies list", "what each follows, and how its last retraining ended"]],
  }).action(async () => {
    const { client } = await connect(session);
    const all = await client.listPolicies({ signal: session.signal });
    session.answer(all, () => policyTable(all, session));
  });
}

function addShow(policies: Command, session: Session): void {
  addCommand(policies, "show <model>", {
    summary: "show a policy and every retraining, with both figures",
    examples: [["massif policies show prices", "what was triggered, and what was decided"]],
  }).action(async (name: string) => {
    const { client } = await connect(session);
    const policy = await client.getPolicy({ params: { name }, signal: session.signal });
    session.answer(policy, () => policyText(policy, session));
  });
}

function triggerWords({ everyRows, schedule, nextAt }: Policy): string {
  if (everyRows !== null) return `every ${count(everyRows)} appended rows`;
  return `${schedule} (UTC)${nextAt === null ? "" : `, next ${moment(nextAt)}`}`;
}

function policyTable(all: readonly Policy[], session: Session): string {
  return table(
    [
      { head: "model" },
      { head: "data set" },
      { head: "trigger" },
      { head: "alias" },
      { head: "metric" },
      { head: "last" },
    ],
    all.map((policy) => [
      policy.model,
      policy.dataset,
      triggerWords(policy),
      policy.alias,
      policy.metric,
      policy.retrainings[0]?.status ?? "–",
    ]),
    { session, none: "no policies yet: `massif policies set MODEL --dataset NAME --every-rows N` makes the first" },
  );
}

function policyText(policy: Policy, session: Session): string {
  const better =
    policy.minImprovement > 0 ? `, if better by ${figure(policy.minImprovement * 100, 3)} %` : ", if better";
  const shown = facts(
    [
      ["model", policy.model],
      ["follows", policy.dataset],
      ["trigger", triggerWords(policy)],
      ["moves", `${policy.alias}, by ${policy.metric}${better}`],
    ],
    session,
  );
  return [shown, "", retrainingTable(policy.retrainings, session)].join("\n");
}

function retrainingTable(retrainings: readonly Retraining[], session: Session): string {
  return table(
    [
      { head: "when" },
      { head: "trigger" },
      { head: "data", number: true },
      { head: "status" },
      { head: "version", number: true },
      { head: "why", max: 100 },
    ],
    retrainings.map(({ createdAt, trigger, datasetVersion, status, modelVersion, decision }) => [
      moment(createdAt),
      trigger,
      `v${datasetVersion}`,
      status === "failed" ? session.colours.red(status) : status === "moved" ? session.colours.green(status) : status,
      modelVersion === null ? "–" : String(modelVersion),
      decision?.reason ?? "",
    ]),
    { session, none: "nothing was triggered yet" },
  );
}
