// The options that `train` and `compare` share, and the requests made from them.
import { readFile } from "node:fs/promises";
import { ApiError, Candidate, type Split, Task } from "@massif/api";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { numberBetween, oneOf, wholeNumber } from "./command.ts";

export interface TrainingOptions {
  readonly target?: string;
  readonly task?: Task;
  readonly leaveOut?: string;
  readonly testFraction: number;
  readonly split: boolean;
  readonly cv?: number;
  readonly cvGroups?: string;
  readonly cvTime?: string;
  readonly cvRepeats?: number;
  readonly seed: number;
  readonly version?: number;
  readonly weights?: string;
}

/** Adds target, task, split and seed to a command. */
export function addTrainingOptions(command: Command): Command {
  return command
    .option("--target <column>", "the column to predict; clustering and outliers have none")
    .option("--task <task>", `${TASKS.join(", ")}; default: by the estimator or the target's values`, oneOf(TASKS))
    .option("--leave-out <columns>", "columns not to learn from, separated by commas")
    .option("--weights <column>", "column of numbers: how much each row counts in the fit; it is no feature")
    .option("--version <n>", "version of the data set; default: the latest", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option("--test-fraction <share>", "share of the rows held out for the metrics", numberBetween(0, 1), 0.2)
    .option("--no-split", "train on all rows; the metrics are then of the training rows")
    .option("--cv <folds>", "cross-validate, then train on all rows", wholeNumber(2, 50))
    .option("--cv-groups <column>", "rows of equal value in this column stay in one fold")
    .option("--cv-time <column>", "folds in the order of this column, each judged by what came before it")
    .option("--cv-repeats <n>", "shuffle and cross-validate so many times over", wholeNumber(1, 20))
    .option("--seed <n>", "source of all randomness", wholeNumber(0, Number.MAX_SAFE_INTEGER), 0);
}

/** The part of a request that runs and comparisons share. */
export function trainingOf(dataset: string, options: TrainingOptions) {
  const split = splitOf(options);
  const { target, task, seed, version, weights } = options;
  const leaveOut = options.leaveOut?.split(",").map((name) => name.trim());
  return { dataset, target, task, leaveOut, seed, version, weights, split };
}

/** Collects `--param name=value` into an object; values are JSON where they can be, else text. */
export function collectParam(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give name=value, such as learningRate=0.05.");
  const name = text.slice(0, at).trim();
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`\`${name}\` is given twice.`);
  return { ...before, [name]: paramValue(text.slice(at + 1)) };
}

/** Reads candidates from a JSON file: one pipeline, one candidate, or a list of either. */
export async function candidatesFromFile(file: string): Promise<Candidate[]> {
  const text = await readFile(file, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ApiError("INVALID_JSON", `${file} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new ApiError("INVALID_PIPELINE", `${file} holds no pipeline`);
  return list.map((item, index) => candidateOf(item, list.length > 1 ? `${file}, entry ${index + 1}` : file));
}

// Internal

function splitOf({ split, cv, cvGroups, cvTime, cvRepeats, testFraction }: TrainingOptions): Split {
  if (cv === undefined && (cvGroups ?? cvTime ?? cvRepeats) !== undefined) {
    throw new ApiError("INVALID_REQUEST", "--cv-groups, --cv-time and --cv-repeats go with --cv FOLDS");
  }
  if (cv !== undefined) {
    if (!split) throw new ApiError("INVALID_REQUEST", "give either --cv or --no-split: folds are a split");
    return { kind: "folds", folds: cv, groups: cvGroups, time: cvTime, repeats: cvRepeats };
  }
  return split ? { kind: "holdout", testFraction } : { kind: "none" };
}

const TASKS = Task.options;

function paramValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// A pipeline is told from a candidate by its `steps`.
function candidateOf(item: unknown, where: string): Candidate {
  const given = typeof item === "object" && item !== null && "steps" in item ? { pipeline: item } : item;
  const { success, data, error } = Candidate.safeParse(given);
  if (success) return data;
  const [issue] = error.issues;
  const field = issue.path.join(".");
  throw new ApiError("INVALID_PIPELINE", `${where}: ${field === "" ? "" : `\`${field}\`: `}${issue.message}`);
}
