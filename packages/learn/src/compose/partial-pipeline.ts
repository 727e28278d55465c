// A pipeline that learns from rows in parts. Its steps are fitted once, to a sample of the rows, and then stay as they
// are; the estimator sees part after part. Or it goes on from a fitted pipeline, whose steps stay as they are too.
import { classWeightRefusal } from "../base/class-weights.ts";
import type { Estimator, FitContext, PartialContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { RowParts } from "../base/row-parts.ts";
import type { Table, Target } from "../base/table.ts";
import { constructComponent, createEstimator, createTransformer } from "../catalogue.ts";
import { type FittedPipeline, fitPipeline, restorePipeline } from "./pipeline.ts";
import type { PipelineSpec } from "./pipeline-spec.ts";

/** What a part is learned from, and where it stands. */
export type PartOptions = Pick<PartialContext, "pass" | "passes" | "endsPass" | "share">;

/** Why such a pipeline cannot learn from chunks of rows in turn; undefined when it can. */
export function chunkRefusal({ steps, estimator: { type, params } }: PipelineSpec): string | undefined {
  const crossFitted = steps.find((step) => createTransformer(step.type, step.params).spec.crossFits === true);
  if (crossFitted !== undefined) return `the step ${crossFitted.type} needs all rows at once`;
  const estimator = constructComponent(type, params) as Estimator;
  const { beginPartial, fitParts } = estimator;
  if (beginPartial === undefined && fitParts === undefined) return `${type} needs all rows at once`;
  const weighing = classWeightRefusal(type, estimator.params);
  if (weighing !== undefined || fitParts !== undefined) return weighing;
  if ((estimator.params as Record<string, unknown>).earlyStopping === true) {
    return `\`earlyStopping\` of ${type} holds out rows of all there are; without it, ${type} could learn from chunks`;
  }
  return undefined;
}

/** Why such a pipeline cannot go on from a fitted one on further rows; undefined when it can. */
export function incrementRefusal({ estimator: { type, params } }: PipelineSpec): string | undefined {
  const estimator = constructComponent(type, params) as Estimator;
  if (estimator.partialFit === undefined) return `${type} learns from all rows at once, so it starts over`;
  const weighing = classWeightRefusal(type, estimator.params);
  if (estimator.beginPartial === undefined) return weighing;
  return chunkRefusal({ steps: [], estimator: { type, params } });
}

/** A pipeline between parts. */
export class PartialPipeline {
  readonly #pipeline: FittedPipeline;
  readonly #context: FitContext;

  private constructor(pipeline: FittedPipeline, context: FitContext) {
    this.#pipeline = pipeline;
    this.#context = context;
  }

  /**
   * Fits the steps to a sample of the rows, and readies the estimator. Throws ParamError where the estimator needs all
   * rows at once, and what `fitPipeline` throws.
   */
  static async begin(
    spec: PipelineSpec,
    sample: { table: Table; target: Target },
    context: FitContext,
  ): Promise<PartialPipeline> {
    const refusal = chunkRefusal(spec);
    if (refusal !== undefined) throw new ParamError("estimator", refusal);
    return new PartialPipeline(await fitPipeline(spec, sample, context, { begin: true }), context);
  }

  /** Goes on from a fitted pipeline, which itself stays as it is. Throws ParamError where the estimator cannot. */
  static resume(fitted: FittedPipeline, context: FitContext): PartialPipeline {
    const refusal = incrementRefusal(fitted.spec);
    if (refusal !== undefined) throw new ParamError("estimator", refusal);
    return new PartialPipeline(restorePipeline(fitted, fitted.getState()), context);
  }

  /** How many passes over the rows its estimator wants. */
  get passes(): number {
    return this.#pipeline.estimator.passes?.() ?? 1;
  }

  /**
   * Whether a fresh fit is made by `fitParts` in place of part after part: the estimator keeps a short form of every row.
   */
  get keepsRows(): boolean {
    return this.#pipeline.estimator.fitParts !== undefined;
  }

  /** Fits the estimator to all rows, which are read in parts, as often as it wants. Throws what its `fit` throws. */
  async fitParts({ rows, parts }: RowParts): Promise<void> {
    const transform = (table: Table) => this.transform(table);
    const transformed = async function* () {
      for await (const { table, target } of parts()) yield { table: transform(table), target };
    };
    await this.#pipeline.estimator.fitParts?.({ rows, parts: transformed }, this.#context);
  }

  /** A part as the estimator sees it: no part changes the steps, so this may be kept from pass to pass. */
  transform(table: Table): Table {
    return this.#pipeline.transform(table);
  }

  /** Learns from one part. Throws what the estimator throws. */
  async partialFit({ table, target }: { table: Table; target: Target }, options: PartOptions): Promise<void> {
    await this.partialFitTransformed({ table: this.transform(table), target }, options);
  }

  /** `partialFit` of a part that `transform` gave. */
  async partialFitTransformed(
    { table, target }: { table: Table; target: Target },
    options: PartOptions,
  ): Promise<void> {
    await this.#pipeline.estimator.partialFit?.(table, target, { ...this.#context, ...options });
  }

  /** The pipeline as it is now; a later part changes it. */
  get fitted(): FittedPipeline {
    return this.#pipeline;
  }
}

/** Whether a fresh fit in chunks keeps a short form of every row in memory. */
export function keepsRows({ estimator: { type, params } }: PipelineSpec): boolean {
  return createEstimator(type, params).fitParts !== undefined;
}

/** How many passes over all rows a fresh fit makes; 1 where the estimator looks at them once. */
export function passesOf({ estimator: { type, params } }: PipelineSpec): number {
  return createEstimator(type, params).passes?.() ?? 1;
}
