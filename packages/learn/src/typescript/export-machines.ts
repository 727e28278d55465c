// Linear models, kernel machines and networks as calls of an exported module.
import type { Estimator, FittedState, Slot } from "../base/component.ts";
import type { MLPClassifier } from "../network/mlp-classifier.ts";
import type { MLPRegressor } from "../network/mlp-regressor.ts";
import { kernelFromState } from "../svm/kernel-function.ts";
import { listLiteral, textLiteral } from "./literals.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** A weighted sum, or its exponential. */
export function exportLinearRegressor(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  module.call("weigh", { from: module.slotsOf(columns), ...weights(module, state) });
  if (state.meta.link === "log") module.call("exponential");
}

/** Shares by weighted sums. */
export function exportLinearClassifier(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  module.call("weigh", { from: module.slotsOf(columns), ...weights(module, state) });
  module.call(classCount(state) === 2 ? "logistic" : "softmax");
}

/** Shares by weighted sums with a margin. */
export function exportMargins(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  const factor = module.number(state.meta.factor as number);
  module.call("margins", { from: module.slotsOf(columns), ...weights(module, state), factor });
}

/** A kernel machine's value. */
export function exportMachine(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  module.call("machine", { sign: "1", machines: machines(module, estimator, columns) });
}

/** A kernel machine's value turned round. */
export function exportNovelty(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  module.call("machine", { sign: "-1", machines: machines(module, estimator, columns) });
}

/** Shares by the kernel machines of all pairs of classes. */
export function exportPairs(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const { meta } = estimator.getState();
  const classes = (meta.classes as readonly string[]).length;
  module.call("pairs", {
    classes: String(classes),
    factor: module.number(meta.factor as number),
    machines: machines(module, estimator, columns),
    confidence: module.room(classes),
  });
}

/** The number that a network predicts. */
export function exportNetworkRegressor(module: ModuleWriter, estimator: MLPRegressor, columns: readonly Slot[]): void {
  const [mean, deviation] = estimator.getState().tensors.scale.data;
  network(module, estimator, { columns, outputs: 1 });
  module.call("stretch", { mean: module.number(mean), deviation: module.number(deviation) });
}

/** The shares that a network predicts. */
export function exportNetworkClassifier(
  module: ModuleWriter,
  estimator: MLPClassifier,
  columns: readonly Slot[],
): void {
  const classes = classCount(estimator.getState());
  network(module, estimator, { columns, outputs: classes === 2 ? 1 : classes });
  if (classes === 2) {
    module.call("logit");
    module.call("bothShares");
  } else module.call("softmax");
}

// Internal

/** Vectors that are added up at once, as the estimators do. */
const GROUP = 8;

function classCount({ meta }: FittedState): number {
  return (meta.classes as readonly string[]).length;
}

function weights(module: ModuleWriter, state: FittedState): { coefficients: string; intercepts: string } {
  return { coefficients: module.numbers(state, "coefficients"), intercepts: module.numbers(state, "intercepts") };
}

function machines(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): string {
  const state = estimator.getState();
  const { kernel, gamma, coef0, degree } = kernelFromState(state, estimator.spec.name);
  const [vectors, betas, biases] = ["vectors", "betas", "biases"].map((name) => state.tensors[name].data);
  const count = betas.length / biases.length;
  const width = GROUP * Math.ceil(count / GROUP);
  const padded = new Float64Array(biases.length * width);
  for (let m = 0; m < biases.length; m++) padded.set(betas.subarray(m * count, (m + 1) * count), m * width);
  return module.record({
    from: module.slotsOf(columns),
    kernel: textLiteral(kernel),
    gamma: module.number(gamma),
    coef0: module.number(coef0),
    degree: String(degree),
    vectors: module.array(vectors as Float64Array),
    betas: module.array(padded),
    biases: module.array(biases as Float64Array),
    alike: module.room(width),
    values: module.room(biases.length),
  });
}

function network(
  module: ModuleWriter,
  estimator: MLPRegressor | MLPClassifier,
  { columns, outputs }: { columns: readonly Slot[]; outputs: number },
): void {
  const { hiddenLayers, units, activation } = estimator.params;
  const sizes = [columns.length, ...new Array<number>(hiddenLayers).fill(units), outputs];
  module.call("network", {
    from: module.slotsOf(columns),
    layers: listLiteral(sizes.map((size) => module.room(size))),
    weights: module.numbers(estimator.getState(), "weights"),
    activation: textLiteral(activation),
  });
}
