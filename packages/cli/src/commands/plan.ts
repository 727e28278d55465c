// `massif plan`: how a training would be done, before it is.
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import { planText } from "../plan-view.ts";
import { openBoard } from "../progress.ts";
import type { Session } from "../session.ts";
import { addTrainingOptions, collectParam, type TrainingOptions, trainingOf } from "../training-request.ts";
import { candidateOf } from "./train.ts";

interface PlanOptions extends TrainingOptions {
  readonly estimator?: string;
  readonly param?: Record<string, unknown>;
  readonly pipeline?: string;
}

export function addPlan(program: Command, session: Session): void {
  const command = addCommand(program, "plan <dataset>", {
    summary: "say how a training would be done, and what it would take",
    description:
      "Says whether a training would run in memory, by threads, out of core or by ranks, with time, memory and price and " +
      "the band in which nine of ten such trainings should lie. Rests on a short calibration of this machine, made once " +
      "for each estimator, and on what earlier runs took. Nothing is trained.",
    examples: [
      [
        "massif plan sales --target revenue --estimator GradientBoostingRegressor",
        "time, memory and price of each way",
      ],
      ["massif plan sales --target revenue --estimator Ridge --json", "for a script"],
    ],
  });
  addTrainingOptions(command)
    .option("--estimator <name>", "estimator to train")
    .option("--param <name=value>", "parameter of the estimator; may be repeated", collectParam)
    .option("--pipeline <file>", "JSON file with a pipeline: steps and estimator")
    .action(async (dataset: string, options: PlanOptions) => {
      const candidate = await candidateOf(options, command);
      const { client } = await connect(session);
      const board = openBoard(session, ["measuring this machine"]);
      try {
        const body = { ...trainingOf(dataset, options), candidate };
        const plan = await client.createPlan({ body, signal: session.signal });
        board.stop();
        session.answer(plan, () => planText(plan, session));
      } finally {
        board.stop();
      }
    });
}
