// The worked example itself: which pipelines are trained on the line, and what is read from their runs.
import { ApiError, type Candidate, type Client, type PipelineSpec, type Run } from "@massif/api";
import { exampleFile } from "./example-data.ts";
import { importFile } from "./import-file.ts";
import type { Board } from "./progress.ts";
import { TrainingLines } from "./training-lines.ts";
import { problemError, runError, runEvents } from "./watch.ts";

export interface Fit {
  readonly label: string;
  readonly slope: number;
  readonly intercept: number;
  /** Mean squared error on the 100 points. */
  readonly mse: number;
  readonly history: Run["history"];
}

export interface LineResult {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** By SGD, mini-batch and momentum. */
  readonly fits: readonly Fit[];
  readonly leastSquares: Fit;
  readonly leastSquaresNoIntercept: Fit;
  readonly diverged: {
    readonly optimizer: string;
    readonly learningRate: number;
    readonly reason: string;
    readonly history: Run["history"];
  };
}

/** Imports the line and trains all pipelines on it, one after the other. */
export async function fitLines(client: Client, board: Board, signal: AbortSignal): Promise<LineResult> {
  const imported = await importFile(client, {
    file: exampleFile("seed_line.csv"),
    name: DATASET,
    line: board.line("seed_line.csv"),
    signal,
  });
  const train = (candidate: Candidate) => trained(client, { candidate, version: imported.version, board, signal });
  const points = await pointsOf(client, signal);
  const fits: Fit[] = [];
  for (const candidate of OPTIMISERS) fits.push(fitOf(await train(candidate)));
  const leastSquares = fitOf(await train(LEAST_SQUARES));
  const leastSquaresNoIntercept = fitOf(await train(LEAST_SQUARES_NO_INTERCEPT));
  const diverged = divergenceOf(await train(DIVERGING));
  return { points, fits, leastSquares, leastSquaresNoIntercept, diverged };
}

// Internal

const DATASET = "seed_line";
/** The naive setting: fine for a scaled column, far too large for x up to 100. */
const NAIVE_RATE = 0.01;

// The cosine schedule lets the noise of random rows die out, so that all three end at least squares.
const OPTIMISERS: readonly Candidate[] = [
  scaled("SGD", { method: "sgd", epochs: 100, schedule: "cosine", learningRate: 0.01 }),
  scaled("mini-batch", { method: "minibatch", batchSize: 16, epochs: 200, schedule: "cosine", learningRate: 0.1 }),
  scaled("momentum", {
    method: "minibatch",
    batchSize: 16,
    momentum: 0.9,
    epochs: 200,
    schedule: "cosine",
    learningRate: 0.02,
  }),
];

const LEAST_SQUARES = closedForm("least squares", true);
const LEAST_SQUARES_NO_INTERCEPT = closedForm("least squares, no intercept", false);

const DIVERGING: Candidate = {
  label: "gradient descent, raw column",
  pipeline: descent([], { method: "batch", learningRate: NAIVE_RATE, schedule: "constant" }),
};

function scaled(label: string, params: NonNullable<Candidate["params"]>): Candidate {
  return { label, pipeline: descent([{ type: "StandardScaler" }], params) };
}

function descent(steps: PipelineSpec["steps"], params: NonNullable<Candidate["params"]>): PipelineSpec {
  return { steps, estimator: { type: "GradientDescentRegressor", params } };
}

function closedForm(label: string, fitIntercept: boolean): Candidate {
  return { label, pipeline: { steps: [], estimator: { type: "LinearRegression", params: { fitIntercept } } } };
}

interface TrainingOfLine {
  readonly candidate: Candidate;
  readonly version: number;
  readonly board: Board;
  readonly signal: AbortSignal;
}

async function trained(client: Client, { candidate, version, board, signal }: TrainingOfLine): Promise<Run> {
  const begun = await client.createRun({
    body: { dataset: DATASET, version, target: "y", task: "regression", split: { kind: "none" }, seed: 42, candidate },
    signal,
  });
  const lines = new TrainingLines(board, new Map([[begun.id, begun.label]]));
  for await (const event of runEvents(client, begun.id, signal)) lines.show(event);
  return client.getRun({ params: { id: begun.id }, signal });
}

function fitOf(run: Run): Fit {
  const { label, linear, metrics, history } = run;
  if (run.status !== "succeeded") throw runError(run);
  const weight = linear?.weights.find(({ feature }) => feature === "x")?.weight;
  if (linear === null || weight === undefined || metrics?.rmse === undefined) {
    throw new ApiError("INTERNAL", `run ${run.id} of ${label} tells no weights`);
  }
  return { label, slope: weight, intercept: linear.intercept, mse: metrics.rmse ** 2, history };
}

function divergenceOf(run: Run): LineResult["diverged"] {
  if (run.error?.code !== "DIVERGED") {
    throw problemError(run.error, `gradient descent with learning rate ${NAIVE_RATE} was expected to diverge`);
  }
  const reason = run.error.message;
  return { optimizer: "batch gradient descent", learningRate: NAIVE_RATE, reason, history: run.history };
}

async function pointsOf(client: Client, signal: AbortSignal): Promise<[number, number][]> {
  const { rows } = await client.sql({ body: { sql: `SELECT x, y FROM ${DATASET} ORDER BY x` }, signal });
  return rows.map(([x, y]) => [Number(x), Number(y)]);
}
