// A pipeline fitted to data: the steps and the estimator with what they learned, and the input they expect.
import { Clusterer, type Estimator, type FitContext, type FittedState, type Transformer } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { rowWeights } from "../base/row-weights.ts";
import { alignTable, checkTable, tableSchema } from "../base/schema.ts";
import type { Column, ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { createEstimator, createTransformer } from "../catalogue.ts";
import { checkKnown, type PipelineSpec, type StepSpec, validatePipeline } from "./pipeline-spec.ts";
import { stepFitter } from "./step-fitting.ts";
import { checkTarget, gives, type OutputSchema, outputSchema } from "./target.ts";

/** A fitted transformer and the names of the columns it takes. */
export interface FittedStep {
  readonly transformer: Transformer;
  readonly columns: readonly string[];
}

/** Everything a fitted pipeline learned, as data. */
export interface PipelineState {
  readonly steps: readonly { readonly columns: readonly string[]; readonly state: FittedState }[];
  readonly estimator: FittedState;
}

/** What a fitted pipeline is made of. */
export interface PipelineParts {
  /** Canonical. */
  readonly spec: PipelineSpec;
  readonly input: readonly ColumnSchema[];
  readonly output: OutputSchema;
  readonly steps: readonly FittedStep[];
  readonly estimator: Estimator;
}

/** A pipeline that has learned; immutable. */
export class FittedPipeline implements PipelineParts {
  readonly spec: PipelineSpec;
  readonly input: readonly ColumnSchema[];
  readonly output: OutputSchema;
  readonly steps: readonly FittedStep[];
  readonly estimator: Estimator;

  constructor({ spec, input, output, steps, estimator }: PipelineParts) {
    this.spec = spec;
    this.input = input;
    this.output = output;
    this.steps = steps;
    this.estimator = estimator;
  }

  /** Predicts for columns found by name; further columns are ignored. Throws ShapeError for absent or other ones. */
  predict(table: Table): Prediction {
    return this.estimator.predict(this.transform(table));
  }

  /** The table as the estimator sees it. */
  transform(table: Table): Table {
    const names = this.input.map(({ name }) => name);
    const aligned = alignTable(this.input, only(table, names), "the pipeline");
    return this.steps.reduce((current, step) => runStep(step, current), aligned);
  }

  /** What it learned, as data. */
  getState(): PipelineState {
    return {
      steps: this.steps.map(({ transformer, columns }) => ({ columns, state: transformer.getState() })),
      estimator: this.estimator.getState(),
    };
  }
}

/**
 * Fits the steps and the estimator of `spec` to the rows of `table`, in which `target` is not a column; clustering and
 * outliers have no target. With `begin`, the estimator is only readied to learn in parts. Throws ParamError for a pipeline that cannot
 * be, ShapeError for data that do not fit it.
 */
export async function fitPipeline(
  spec: PipelineSpec,
  { table, target }: { table: Table; target?: Target },
  context: FitContext,
  { begin = false }: { begin?: boolean } = {},
): Promise<FittedPipeline> {
  const canonical = validatePipeline(spec, tableSchema(table));
  const estimator = createEstimator(canonical.estimator.type, canonical.estimator.params);
  checkTarget(target, table.rows, estimator.spec);
  rowWeights(context, table.rows, estimator.spec);
  const features = chooseFeatures(canonical, table, target?.name);
  let current = features;
  let watched = context.watched && chooseFeatures(canonical, context.watched.table, target?.name);
  const steps: FittedStep[] = [];
  const fitStep = await stepFitter(
    { rows: table.rows, target, estimator: estimator.spec },
    { ...context, weights: undefined },
  );
  for (const [i, step] of canonical.steps.entries()) {
    const transformer = createTransformer(step.type, step.params);
    const columns = chooseColumns(step, { columns: current.columns, accepts: transformer.spec.accepts, position: i });
    const outputs = await fitStep(transformer, pick(current, columns));
    const fitted = { transformer, columns };
    steps.push(fitted);
    current = { rows: current.rows, columns: replaceColumns(current.columns, columns, outputs.columns) };
    watched &&= runStep(fitted, watched);
  }
  const seen = watched && context.watched && { ...context, watched: { ...context.watched, table: watched } };
  if (begin && target !== undefined) await estimator.beginPartial?.(current, target, context);
  else await estimator.fit(current, target, seen ?? context);
  return new FittedPipeline({
    spec: canonical,
    input: tableSchema(features),
    output: outputSchema(target, estimator),
    steps,
    estimator,
  });
}

/** The pipeline that gave `state`, without running any of its learning. Throws ParamError and ShapeError. */
export function restorePipeline(
  { spec, input, output }: Pick<PipelineParts, "spec" | "input" | "output">,
  state: PipelineState,
): FittedPipeline {
  const canonical = validatePipeline(spec, input);
  if (state.steps.length !== canonical.steps.length) {
    throw new ShapeError(`the pipeline has ${canonical.steps.length} steps, its state ${state.steps.length}`);
  }
  let current: readonly ColumnSchema[] = input;
  const steps = state.steps.map(({ columns, state: learned }, i): FittedStep => {
    const transformer = createTransformer(canonical.steps[i].type, canonical.steps[i].params);
    checkKnown(columns, current, `steps[${i}].columns`);
    transformer.setState(learned);
    current = replaceColumns(current, columns, transformer.outputs());
    return { transformer, columns };
  });
  const estimator = createEstimator(canonical.estimator.type, canonical.estimator.params);
  if (!gives(estimator.spec.task, output)) {
    throw new ShapeError(`${estimator.spec.name} cannot give the output "${output.name}" of kind ${output.kind}`);
  }
  estimator.setState(state.estimator);
  if (estimator instanceof Clusterer && output.kind === "cluster" && estimator.clusters !== output.clusters) {
    throw new ShapeError(`${estimator.spec.name} has ${estimator.clusters} clusters, its output ${output.clusters}`);
  }
  return new FittedPipeline({ spec: canonical, input, output, steps, estimator });
}

/** The columns after a step: those it leaves alone, then its outputs. Throws ShapeError when two share a name. */
export function replaceColumns<C extends { readonly name: string }>(
  current: readonly C[],
  taken: readonly string[],
  outputs: readonly C[],
): C[] {
  const gone = new Set(taken);
  const left = current.filter(({ name }) => !gone.has(name));
  const names = new Set(left.map(({ name }) => name));
  for (const { name } of outputs) {
    if (names.has(name)) throw new ShapeError(`a step makes a second column "${name}"; rename one of its inputs`);
    names.add(name);
  }
  return [...left, ...outputs];
}

// Internal

function runStep({ transformer, columns }: FittedStep, current: Table): Table {
  const outputs = transformer.transform(pick(current, columns));
  return { rows: current.rows, columns: replaceColumns(current.columns, columns, outputs.columns) };
}

function pick(table: Table, names: readonly string[]): Table {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  return { rows: table.rows, columns: names.map((name) => byName.get(name) as Column) };
}

function chooseFeatures(spec: PipelineSpec, table: Table, target: string | undefined): Table {
  const names = spec.features ?? table.columns.map(({ name }) => name);
  if (names.length === 0) throw new ParamError("features", "the table has no columns to learn from");
  if (target !== undefined && names.includes(target))
    throw new ParamError("features", `the target "${target}" is among the input columns`);
  return pick(only(table, names), names);
}

/** The table without the columns that nobody asked for, whose faults do not matter; those asked for are checked. */
function only({ rows, columns }: Table, names: readonly string[]): Table {
  const wanted = new Set(names);
  const table = { rows, columns: columns.filter(({ name }) => wanted.has(name)) };
  checkTable(table);
  return table;
}

function chooseColumns(
  { columns: choice, type }: StepSpec,
  { columns, accepts, position }: { columns: readonly Column[]; accepts: readonly string[]; position: number },
): string[] {
  const field = `steps[${position}].columns`;
  if (choice !== undefined && typeof choice !== "string") checkKnown(choice, columns, field);
  const names = typeof choice === "object" ? new Set(choice) : choice;
  const chosen = columns.filter((column) => isChosen(column, names, accepts));
  for (const { name, kind } of chosen) {
    if (!accepts.includes(kind)) {
      throw new ParamError(field, `${type} takes ${accepts.join(" or ")} columns, "${name}" is a ${kind} column`);
    }
  }
  return typeof choice === "object" ? [...choice] : chosen.map(({ name }) => name);
}

function isChosen(
  { name, kind }: Column,
  choice: string | ReadonlySet<string> | undefined,
  accepts: readonly string[],
): boolean {
  if (choice === undefined) return accepts.includes(kind);
  if (choice === "all") return true;
  return typeof choice === "string" ? kind === choice : choice.has(name);
}
