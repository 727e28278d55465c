// From a model file to answers for rows: what both kinds of replica do, in whatever thread they run.
import { readFile } from "node:fs/promises";
import type { ErrorDetail, PredictionValue } from "@massif/api";
import {
  compilePredictor,
  loadModel,
  ParamError,
  type Predictor,
  type Recommender,
  type Row,
  type RowPrediction,
  recommenderOf,
  validateRow,
} from "@massif/learn";
import type { InputRow, ReplicaAnswer } from "./replica.ts";

/** Problems that one answer lists. */
const MOST_PROBLEMS = 20;

/** A model that answers rows and, when it learned from users and items, recommends. */
export interface ServedModel {
  readonly predictor: Predictor;
  readonly recommender: Recommender | undefined;
}

/** Loads a model file, checked against its hash. Throws ModelFileError. */
export async function loadServed(path: string, sha256: string): Promise<ServedModel> {
  const { pipeline } = await loadModel(await readFile(path), { sha256 });
  return { predictor: compilePredictor(pipeline), recommender: recommenderOf(pipeline) };
}

/** Checks rows and predicts them, all or none. */
export function answerRows(predictor: Predictor, rows: readonly InputRow[]): ReplicaAnswer {
  const started = performance.now();
  const problems: ErrorDetail[] = [];
  const predictions: PredictionValue[] = [];
  for (let i = 0; i < rows.length && problems.length < MOST_PROBLEMS; i++) {
    const wrong = validateRow(predictor.input, rows[i]);
    for (const { column, value, problem } of wrong)
      problems.push({ field: fieldOf(i, column), value: shown(value), problem });
    if (problems.length === 0) predictOne(predictor, { row: rows[i] as Row, i, predictions, problems });
  }
  const cpuSeconds = (performance.now() - started) / 1000;
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MOST_PROBLEMS), cpuSeconds };
  return { ok: true, predictions, cpuSeconds };
}

/** Median time of one row in microseconds, over `rows` again and again until `budgetMs` are spent. */
export function measureMicros(predictor: Predictor, rows: readonly Row[], budgetMs = 50): number {
  const out = new Float64Array(predictor.outputLength);
  const answer = (row: Row) => predictor.predictInto(row, out);
  // The first calls are interpreted, not compiled; they say nothing about the ones to come.
  const warm = performance.now() + budgetMs;
  for (let i = 0; i < WARM_UP && performance.now() < warm; i++) answer(rows[i % rows.length]);
  const times: number[] = [];
  const end = performance.now() + budgetMs;
  for (let i = 0; times.length < LEAST_SAMPLES || performance.now() < end; i++) {
    const started = performance.now();
    // A single call is close to the clock's own resolution.
    for (let k = 0; k < BATCH; k++) answer(rows[(i * BATCH + k) % rows.length]);
    times.push(((performance.now() - started) * 1000) / BATCH);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

/** A prediction as the API shows it. */
export function predictionValue(prediction: RowPrediction): PredictionValue {
  if (prediction.kind === "number") return prediction.value;
  if (prediction.kind === "score") return { score: prediction.value, outlier: prediction.outlier };
  if (prediction.kind === "cluster") return { cluster: prediction.value, distances: [...prediction.distances] };
  return { class: prediction.value, probabilities: { ...prediction.probabilities } };
}

// Internal

const WARM_UP = 200;
const LEAST_SAMPLES = 5;
const BATCH = 10;
const MAX_SHOWN = 80;

interface OneRow {
  readonly row: Row;
  readonly i: number;
  readonly predictions: PredictionValue[];
  readonly problems: ErrorDetail[];
}

function predictOne(predictor: Predictor, { row, i, predictions, problems }: OneRow): void {
  try {
    predictions.push(predictionValue(predictor.predict(row)));
  } catch (error) {
    // A value is missing that this model cannot do without.
    if (!(error instanceof ParamError)) throw error;
    problems.push({ field: fieldOf(i, error.field), problem: error.message });
  }
}

function fieldOf(row: number, column: string): string {
  return column === "" ? `rows[${row}]` : `rows[${row}].${column}`;
}

function shown(value: unknown): unknown {
  if (typeof value !== "string" && typeof value !== "object") return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text !== undefined && text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : value;
}
