// `massif compare`: several pipelines on one split, ranked.
import type { Candidate } from "@massif/api";
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { compare } from "../compare.ts";
import { connect } from "../connection.ts";
import { bestRun, failedRows, leaderboardRows, leaderboardText } from "../leaderboard.ts";
import { registerRun, registrationText } from "../registration.ts";
import type { Session } from "../session.ts";
import { addTrainingOptions, candidatesFromFile, type TrainingOptions, trainingOf } from "../training-request.ts";

interface CompareOptions extends TrainingOptions {
  readonly estimators?: string;
  readonly pipelines?: string;
  readonly register?: string;
}

export function addCompare(program: Command, session: Session): void {
  const command = addCommand(program, "compare <dataset>", {
    summary: "train several pipelines on one split and rank them",
    description:
      "Trains one of each algorithm that fits the task, or those named, on the same split, and prints a leaderboard. " +
      "Ctrl-C stops the runs on the server.",
    examples: [
      ["massif compare diamonds --target price", "all that fit"],
      ["massif compare iris --target species --estimators LogisticRegression,RandomForestClassifier", "these two"],
      ["massif compare diamonds --target price --pipelines mine.json --json", "own pipelines, for a script"],
      ["massif compare diamonds --target price --register prices", "the best one into the registry"],
    ],
  });
  addTrainingOptions(command)
    .option("--estimators <names>", "estimators, separated by commas")
    .option("--pipelines <file>", "JSON file with a list of pipelines or candidates")
    .option("--register <model>", "register the best run's model as this model's next version")
    .action(async (dataset: string, options: CompareOptions) => {
      const candidates = await candidatesOf(options, command);
      const { client } = await connect(session);
      const comparison = await compare(client, { ...trainingOf(dataset, options), candidates }, session);
      const best = bestRun(comparison);
      const name = options.register;
      const registered =
        name !== undefined && best !== undefined && (await registerRun(client, { name, run: best }, session));
      session.answer(
        {
          leaderboard: leaderboardRows(comparison),
          failed: failedRows(comparison),
          comparison: comparison.id,
          best,
          ...(registered ? { registered } : {}),
        },
        () =>
          [
            leaderboardText(comparison, session),
            "",
            registered
              ? registrationText(registered)
              : `next: massif models register ${best} --name ${dataset} && massif deploy ${dataset}`,
          ].join("\n"),
      );
    });
}

// Internal

async function candidatesOf(options: CompareOptions, command: Command): Promise<Candidate[] | undefined> {
  const { estimators, pipelines } = options;
  if (estimators !== undefined && pipelines !== undefined) {
    command.error("error: give either --estimators or --pipelines, not both");
  }
  if (pipelines !== undefined) return candidatesFromFile(pipelines);
  if (estimators === undefined) return undefined;
  const names = estimators.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) command.error("error: --estimators takes names separated by commas");
  return names.map((estimator) => ({ estimator }));
}
