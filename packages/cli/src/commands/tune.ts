// `massif tune`: the best parameters of a pipeline, with live progress. Ctrl-C stops the study on the server too.
import { readFile } from "node:fs/promises";
import { ApiError, type Candidate, type StudyRequest } from "@massif/api";
import type { Command } from "commander";
import { addCommand, numberBetween, oneOf, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { registerRun, registrationText } from "../registration.ts";
import type { Session } from "../session.ts";
import { candidatesFromFile, collectParam } from "../training-request.ts";
import { followStudy, seconds, studyAnswer } from "../tuning.ts";

interface TuneOptions {
  readonly target: string;
  readonly task?: (typeof TASKS)[number];
  readonly version?: number;
  readonly leaveOut?: string;
  readonly weights?: string;
  readonly estimator?: string;
  readonly param?: Record<string, unknown>;
  readonly pipeline?: string;
  readonly label?: string;
  readonly space?: string;
  readonly name?: string;
  readonly sampler: string;
  readonly pruner: string;
  readonly metric?: string;
  readonly trials: number;
  readonly parallel?: number;
  readonly timeout?: number;
  readonly cv?: number;
  readonly validationFraction?: number;
  readonly testFraction: number;
  readonly split: boolean;
  readonly seed: number;
  readonly register?: string;
  readonly wait: boolean;
}

export function addTune(program: Command, session: Session): void {
  const command = addCommand(program, "tune <dataset>", {
    summary: "find the best parameters of an estimator",
    description:
      "Tries parameters of an estimator or a pipeline, each trial judged on rows it has not learned from, and then " +
      "trains an ordinary run with the best of them, judged on rows that no trial has seen. Ctrl-C stops the study; " +
      "`massif studies resume NAME` goes on with it.",
    examples: [
      ["massif tune diamonds --target price --estimator GradientBoostingRegressor", "what it declares as searchable"],
      ["massif tune iris --target species --estimator LogisticRegression --space space.json --cv 5", "an own space"],
      ["massif tune diamonds --target price --estimator RandomForestRegressor --trials 200 --timeout 30m", "limits"],
    ],
  });
  addOptions(command).action(async (dataset: string, options: TuneOptions) => {
    const { register, wait } = options;
    if (register !== undefined && !wait) command.error("error: --register waits for the study; drop --no-wait");
    const body = await requestOf(dataset, options, command);
    const { client } = await connect(session);
    // Not cut off by Ctrl-C: only a study that is known to have begun can be stopped.
    const study = await client.createStudy({ body });
    if (!wait) {
      session.answer(study, () => `started ${study.name}\nnext: massif studies watch ${study.name}`);
      return;
    }
    const tuned = await followStudy(client, study, session, { stops: true });
    if (register === undefined) return studyAnswer(tuned, session);
    const registered = await registerRun(client, { name: register, run: tuned.run.id }, session);
    studyAnswer({ ...tuned, run: tuned.run }, session, [registrationText(registered)]);
  });
}

// Internal

const TASKS = ["regression", "classification"] as const;

function addOptions(command: Command): Command {
  return command
    .requiredOption("--target <column>", "the column to predict")
    .option("--estimator <name>", "estimator to tune")
    .option("--param <name=value>", "parameter that stays as it is; may be repeated", collectParam)
    .option("--pipeline <file>", "JSON file with a pipeline to tune instead: steps and estimator")
    .option("--space <json>", "what to search, as JSON or a file of it; default: what the estimator declares")
    .option("--sampler <name>", "tpe, random or grid, or JSON with its settings", "tpe")
    .option("--pruner <name>", "none, median or halving, or JSON with its settings", "median")
    .option("--metric <name>", "what to improve; default: rmse for regression, logLoss for classification")
    .option("--trials <n>", "how many trials", wholeNumber(1, 10_000), 50)
    .option("--parallel <n>", "how many run at once; default: one per core of the server", wholeNumber(1, 64))
    .option("--timeout <time>", "time limit of the study: 90s, 10m, 2h", seconds)
    .option("--cv <folds>", "judge trials by cross-validation", wholeNumber(2, 50))
    .option(
      "--validation-fraction <share>",
      "share of the training rows to judge trials on; default: 0.25",
      numberBetween(0, 1),
    )
    .option(
      "--test-fraction <share>",
      "share of the rows that no trial sees, to judge the run",
      numberBetween(0, 1),
      0.2,
    )
    .option("--no-split", "keep no rows from the trials; the run's metrics are then of the training rows")
    .option("--task <task>", "regression or classification; default: by the target's values", oneOf(TASKS))
    .option("--leave-out <columns>", "columns not to learn from, separated by commas")
    .option("--weights <column>", "column of numbers: how much each row counts in the fits; it is no feature")
    .option("--version <n>", "version of the data set; default: the latest", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option("--seed <n>", "source of all randomness", wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .option("--name <name>", "name of the study; default: the data set's and a number")
    .option("--label <text>", "how the run is called; default: the estimator's name")
    .option("--register <model>", "register the run's model as this model's next version")
    .option("--no-wait", "start the study and return at once")
    .addHelpText(
      "after",
      `
A space names parameters, each with true for the range that the estimator declares, or a range of its own:
  {"learningRate": true,
   "maxDepth": {"type": "int", "min": 2, "max": 10},
   "l2": {"type": "float", "min": 0.001, "max": 10, "log": true},
   "growth": {"type": "categorical", "choices": ["leaf", "depth"]},
   "maxLeaves": {"type": "int", "min": 8, "max": 256, "when": {"growth": ["leaf"]}}}
A step of a pipeline is reached by its place: "steps.0.numbers".`,
    );
}

async function requestOf(dataset: string, options: TuneOptions, command: Command): Promise<StudyRequestInput> {
  const { cv, validationFraction, testFraction, split, timeout, leaveOut, sampler, pruner, space } = options;
  if (cv !== undefined && validationFraction !== undefined)
    command.error("error: give either --cv or --validation-fraction, not both");
  const { target, task, version, weights, metric, trials, parallel, seed, name } = options;
  return {
    ...{ dataset, target, task, version, weights, metric, trials, parallel, seed, name },
    candidate: await candidateOf(options, command),
    leaveOut: leaveOut?.split(",").map((column) => column.trim()),
    space: space === undefined ? undefined : await spaceOf(space),
    sampler: settingOf("--sampler", sampler) as StudyRequestInput["sampler"],
    pruner: settingOf("--pruner", pruner) as StudyRequestInput["pruner"],
    timeoutSeconds: timeout,
    split: split ? { kind: "holdout", testFraction } : { kind: "none" },
    evaluation:
      cv === undefined
        ? { kind: "holdout", validationFraction: validationFraction ?? 0.25 }
        : { kind: "folds", folds: cv },
  };
}

type StudyRequestInput = Omit<StudyRequest, "version"> & { readonly version?: number };

async function candidateOf(options: TuneOptions, command: Command): Promise<Candidate> {
  const { estimator, pipeline, param, label } = options;
  if ((estimator === undefined) === (pipeline === undefined))
    command.error("error: give either --estimator or --pipeline");
  if (pipeline === undefined) return { estimator, params: param as Candidate["params"], label };
  if (param !== undefined) command.error("error: --param goes with --estimator; a pipeline holds its own parameters");
  const candidates = await candidatesFromFile(pipeline);
  if (candidates.length > 1) command.error(`error: ${pipeline} holds several pipelines; a study tunes one`);
  return label === undefined ? candidates[0] : { ...candidates[0], label };
}

/** JSON as it stands, or the file of that name. */
async function spaceOf(text: string): Promise<StudyRequest["space"]> {
  const inline = text.trimStart().startsWith("{");
  return parsed(inline ? text : await readFile(text, "utf8"), inline ? "--space" : text) as StudyRequest["space"];
}

/** `tpe`, or `{"name": "tpe", "startup": 5}`. */
function settingOf(option: string, text: string): unknown {
  return text.trimStart().startsWith("{") ? parsed(text, option) : { name: text };
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("INVALID_JSON", `${where} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}
