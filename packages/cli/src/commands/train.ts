// `massif train`: one pipeline, with live progress. Ctrl-C stops the run on the server too.
import { readFile } from "node:fs/promises";
import { type Candidate, type Client, parseHostFile, type RankHost, type Run } from "@massif/api";
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { openBoard } from "../progress.ts";
import { registerRun, registrationText } from "../registration.ts";
import { runText } from "../run-view.ts";
import type { Session } from "../session.ts";
import { TrainingLines } from "../training-lines.ts";
import {
  addTrainingOptions,
  candidatesFromFile,
  collectParam,
  type TrainingOptions,
  trainingOf,
} from "../training-request.ts";
import { runError, runEvents } from "../watch.ts";

interface TrainOptions extends TrainingOptions {
  readonly estimator?: string;
  readonly param?: Record<string, unknown>;
  readonly pipeline?: string;
  readonly label?: string;
  readonly ranks?: number;
  readonly hosts?: string;
  readonly register?: string;
  readonly wait: boolean;
}

export function addTrain(program: Command, session: Session): void {
  const command = addCommand(program, "train <dataset>", {
    summary: "train one pipeline",
    description:
      "Trains an estimator (feature engineering is added as it needs) or a whole pipeline from a file. " +
      "Ctrl-C stops the run on the server; with --no-wait it goes on by itself.",
    examples: [
      ["massif train diamonds --target price --estimator Ridge --param alpha=0.5", "an estimator and a parameter"],
      ["massif train diamonds --target cut --pipeline pipeline.json --label mine", "a whole pipeline"],
      [
        "massif train diamonds --target price --estimator GradientBoostingRegressor --register prices",
        "into the registry",
      ],
      [
        "massif train diamonds --target price --estimator GradientBoostingRegressor --ranks 4",
        "by four processes that share the rows",
      ],
    ],
  });
  addTrainingOptions(command)
    .option("--estimator <name>", "estimator to train")
    .option("--param <name=value>", "parameter of the estimator; may be repeated", collectParam)
    .option("--pipeline <file>", "JSON file with a pipeline: steps and estimator")
    .option("--ranks <n>", "processes that train together, each on its own rows (needs MPI)", wholeNumber(1, 1024))
    .option("--hosts <file>", "hosts that the ranks run on, one a line: `name slots=2`; default: the server's")
    .option("--label <text>", "how the run is called; default: the estimator's name")
    .option("--register <model>", "register the trained model as this model's next version")
    .option("--no-wait", "start the run and return at once")
    .action(async (dataset: string, options: TrainOptions) => {
      const candidate = await candidateOf(options, command);
      const { register } = options;
      if (register !== undefined && !options.wait) command.error("error: --register waits for the run; drop --no-wait");
      const { client } = await connect(session);
      const body = { ...trainingOf(dataset, options), ...(await ranksOf(options)), candidate };
      // Not cut off by Ctrl-C: only a run that is known to have begun can be stopped.
      const run = await client.createRun({ body });
      if (!options.wait) {
        session.answer(run, () => `started ${run.id}\nnext: massif runs watch ${run.id}`);
        return;
      }
      const ended = await followed(client, run, session);
      if (ended.status !== "succeeded") throw runError(ended);
      const registered = register && (await registerRun(client, { name: register, run: ended.id }, session));
      session.answer(registered ? { ...ended, registered } : ended, () =>
        [
          runText(ended, session),
          "",
          registered ? registrationText(registered) : `next: massif models register ${ended.id} --name ${dataset}`,
        ].join("\n"),
      );
    });
}

/** Shows a run's progress until it ends; on Ctrl-C the run is stopped on the server. */
export async function followed(client: Client, run: Run, session: Session): Promise<Run> {
  const board = openBoard(session, [run.label]);
  const lines = new TrainingLines(board, new Map([[run.id, run.label]]));
  try {
    for await (const event of runEvents(client, run.id, session.signal)) lines.show(event);
  } catch (error) {
    board.stop();
    if (session.signal.aborted) await cancelRuns(client, [run.id], session);
    throw error;
  } finally {
    board.stop();
  }
  return client.getRun({ params: { id: run.id }, signal: session.signal });
}

/** Stops runs after Ctrl-C; those that have ended are left as they are. */
export async function cancelRuns(client: Client, ids: readonly string[], session: Session): Promise<void> {
  const results = await Promise.allSettled(
    ids.map((id) => client.cancelRun({ params: { id }, signal: AbortSignal.timeout(CANCEL_MS) })),
  );
  const stopped = results.filter(({ status }) => status === "fulfilled").length;
  session.note(`stopped ${stopped} ${stopped === 1 ? "run" : "runs"}`);
}

// Internal

/** Whoever pressed Ctrl-C does not wait longer than this for the server. */
const CANCEL_MS = 5000;

/** The candidate that --estimator with --param, or --pipeline, names. */
async function ranksOf({ ranks, hosts }: TrainOptions): Promise<{ ranks?: number; hosts?: RankHost[] }> {
  return { ranks, hosts: hosts === undefined ? undefined : parseHostFile(await readFile(hosts, "utf8"), hosts) };
}

export async function candidateOf(
  options: Pick<TrainOptions, "estimator" | "param" | "pipeline" | "label">,
  command: Command,
): Promise<Candidate> {
  const { estimator, pipeline, param, label } = options;
  if ((estimator === undefined) === (pipeline === undefined)) {
    command.error("error: give either --estimator or --pipeline");
  }
  if (pipeline === undefined) return { estimator, params: param as Candidate["params"], label };
  if (param !== undefined) command.error("error: --param goes with --estimator; a pipeline holds its own parameters");
  const candidates = await candidatesFromFile(pipeline);
  if (candidates.length > 1) command.error(`error: ${pipeline} holds several pipelines; use \`massif compare\``);
  return label === undefined ? candidates[0] : { ...candidates[0], label };
}
