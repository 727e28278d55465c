// `massif curves`: how a figure changes with more rows, or with a parameter. The server is asked place by place, so that
// progress shows and Ctrl-C loses one place at most.
import { writeFile } from "node:fs/promises";
import { ApiError, type Curve, type CurveRequest } from "@massif/api";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import { openBoard } from "../progress.ts";
import type { Session } from "../session.ts";
import { addTrainingOptions, collectParam, type TrainingOptions, trainingOf } from "../training-request.ts";
import { candidateOf } from "./train.ts";

type Value = NonNullable<CurveRequest["values"]>[number];

interface CurvesOptions extends TrainingOptions {
  readonly estimator?: string;
  readonly set?: Record<string, unknown>;
  readonly pipeline?: string;
  readonly param?: string;
  readonly values?: Value[];
  readonly sizes: number[];
  readonly metric?: string;
  readonly chart?: string;
}

export function addCurves(program: Command, session: Session): void {
  const command = addCommand(program, "curves <dataset>", {
    summary: "show how a figure changes with more rows, or with a parameter",
    description:
      "A learning curve fits to a tenth of the training rows and more, up to all: it tells whether more rows would help. " +
      "With --param and --values it is a validation curve over a parameter. Each place is judged over folds (--cv, " +
      "default 5), on rows learned from and on rows held out. Nothing is kept.",
    examples: [
      ["massif curves sales --target revenue --estimator Ridge", "would more rows help?"],
      [
        "massif curves sales --target revenue --estimator DecisionTreeRegressor --param maxDepth --values 1,2,4,8",
        "how deep should it be?",
      ],
      ["massif curves sales --target revenue --estimator Ridge --chart curve.svg", "as a picture"],
    ],
  });
  addTrainingOptions(command)
    .option("--estimator <name>", "estimator to fit")
    .option("--set <name=value>", "parameter of the estimator at all places; may be repeated", collectParam)
    .option("--pipeline <file>", "JSON file with a pipeline: steps and estimator")
    .option("--param <name>", "parameter to go over: the estimator's, or steps.0.NAME of a step; needs --values")
    .option("--values <values>", "values of --param, separated by commas", valuesOf)
    .option("--sizes <sizes>", "shares of the training rows up to 1, or numbers of rows", sizesOf, SIZES)
    .option("--metric <name>", "metric to show; default: the one that ranks runs")
    .option("--chart <file>", "write the curve as SVG")
    .action(async (dataset: string, options: CurvesOptions) => {
      const { param, values, sizes, metric, chart, estimator, pipeline, set, target } = options;
      if (target === undefined) command.error("error: name the column to predict with --target");
      if ((param === undefined) !== (values === undefined)) command.error("error: --param and --values go together");
      if (!options.split) command.error("error: a curve is judged over folds; drop --no-split");
      const candidate = await candidateOf({ estimator, pipeline, param: set }, command);
      const training = trainingOf(dataset, { ...options, cv: options.cv ?? 5 });
      const places: Pick<CurveRequest, "sizes" | "param" | "values">[] =
        values === undefined
          ? sizes.map((size) => ({ sizes: [size] }))
          : values.map((value) => ({ param, values: [value] }));
      const { client } = await connect(session);
      const board = openBoard(session, [LABEL]);
      const parts: Curve[] = [];
      try {
        const line = board.line(LABEL);
        line.update({ value: 0, total: places.length, unit: "places" });
        for (const place of places) {
          const body = { ...training, target: target as string, candidate, metric, ...place };
          parts.push(await client.createCurve({ body, signal: session.signal }));
          line.update({ value: parts.length });
        }
        line.done(`${places.length} places`);
      } finally {
        board.stop();
      }
      const curve = joined(parts);
      const { curveSvg, curveText } = await import("../curve-view.ts");
      if (chart !== undefined) await writeFile(chart, curveSvg(curve));
      session.answer(curve, () =>
        [curveText(curve, session), ...(chart === undefined ? [] : [`chart  ${chart}`])].join("\n"),
      );
    });
}

// Internal

const LABEL = "curve";
/** As the library's. */
const SIZES = [0.1, 0.325, 0.55, 0.775, 1];

/** All places as one curve; those that came to the same number of rows once. */
function joined(parts: readonly Curve[]): Curve {
  const [first] = parts;
  if (first === undefined) throw new ApiError("INVALID_REQUEST", "a curve needs at least one place");
  const points = new Map(parts.flatMap((part) => part.points).map((point) => [point.at, point]));
  const ordered =
    first.param === null ? [...points.values()].sort((a, b) => Number(a.at) - Number(b.at)) : [...points.values()];
  return { ...first, points: ordered };
}

function valuesOf(text: string): Value[] {
  return text.split(",").map((part) => {
    const trimmed = part.trim();
    if (trimmed === "") throw new InvalidArgumentError("Give values separated by commas, such as 1,2,3.");
    try {
      const value: unknown = JSON.parse(trimmed);
      return typeof value === "object" && value !== null ? trimmed : (value as Value);
    } catch {
      return trimmed;
    }
  });
}

function sizesOf(text: string): number[] {
  return text.split(",").map((part) => {
    const size = Number(part);
    if (part.trim() !== "" && size > 0 && (size <= 1 || Number.isInteger(size))) return size;
    throw new InvalidArgumentError("Give shares above 0 up to 1, or whole numbers of rows, separated by commas.");
  });
}
