// Fitting estimators on samples, as the checks need it.
import type { Estimator } from "../base/component.ts";
import type { Prediction } from "../base/table.ts";
import { constructComponent } from "../catalogue.ts";
import { type CheckRuntimes, contextOf, ensure } from "./check.ts";
import { flatten, makeSample, type Sample, type SampleOptions } from "./sample.ts";

/** An estimator type with the samples that suit it. */
export class Subject {
  readonly type: string;
  readonly spec: Estimator["spec"];

  constructor(type: string) {
    this.type = type;
    this.spec = (constructComponent(type) as Estimator).spec;
  }

  make(params: Readonly<Record<string, unknown>> = {}): Estimator {
    return constructComponent(this.type, params) as Estimator;
  }

  sample(options: Partial<SampleOptions> = {}): Sample {
    const { task, input, targets } = this.spec;
    return makeSample({ task, input, positive: targets !== undefined, ...options });
  }

  async fit({ table, target }: Sample, { one }: CheckRuntimes): Promise<Estimator> {
    return this.make().fit(table, target, contextOf(one));
  }

  /** Fits, predicts the same rows and requires finite answers: probabilities that sum to 1, the nearest cluster. */
  async fitAndPredict(sample: Sample, runtimes: CheckRuntimes): Promise<Float64Array> {
    const prediction = (await this.fit(sample, runtimes)).predict(sample.table);
    const flat = flatten(prediction);
    ensure(flat.every(Number.isFinite), `${this.type} predicts numbers that are not finite`);
    if (prediction.kind === "class" && sample.target?.kind === "class") {
      const { classes, codes, probabilities } = prediction;
      ensure(classes.join() === sample.target.classes.join(), `classes became ${classes}`);
      for (let row = 0; row < codes.length; row++) {
        const shares = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
        const total = shares.reduce((sum, share) => sum + share, 0);
        ensure(Math.abs(total - 1) < 1e-9 && shares.every((share) => share >= 0), `row ${row} has shares ${shares}`);
        ensure(codes[row] === shares.indexOf(Math.max(...shares)), `row ${row} is not of its most probable class`);
      }
    }
    if (prediction.kind === "cluster") ensureNearest(prediction);
    const rows = prediction.kind === "number" ? prediction.values.length : prediction.codes.length;
    ensure(rows === sample.table.rows, `${rows} predictions for ${sample.table.rows} rows`);
    return flat;
  }
}

// Internal

function ensureNearest({ codes, clusters, distances }: Extract<Prediction, { kind: "cluster" }>): void {
  for (let row = 0; row < codes.length; row++) {
    const own = distances.subarray(row * clusters, (row + 1) * clusters);
    ensure(
      own.every((distance) => distance >= 0),
      `row ${row} has distances ${own}`,
    );
    ensure(codes[row] === own.indexOf(Math.min(...own)), `row ${row} is not in its nearest cluster`);
  }
}
