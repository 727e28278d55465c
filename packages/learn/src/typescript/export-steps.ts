// Transformers as calls of an exported module.
import type { FittedState, Slot, Transformer } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { PCA } from "../decompose/pca.ts";
import { DateParts } from "../preprocess/date-parts.ts";
import { KBinsDiscretizer } from "../preprocess/k-bins-discretizer.ts";
import { MaxAbsScaler } from "../preprocess/max-abs-scaler.ts";
import { MinMaxScaler } from "../preprocess/min-max-scaler.ts";
import { OneHotEncoder } from "../preprocess/one-hot-encoder.ts";
import { OrdinalEncoder } from "../preprocess/ordinal-encoder.ts";
import { RobustScaler } from "../preprocess/robust-scaler.ts";
import { SimpleImputer } from "../preprocess/simple-imputer.ts";
import { StandardScaler } from "../preprocess/standard-scaler.ts";
import { ColumnSelector } from "../select/column-selector.ts";
import { exportFeatures, FEATURE_STEPS, type Step } from "./export-features.ts";
import { listLiteral, numberLiteral, textLiteral } from "./literals.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** Writes a step from its input slots to its output slots. Throws ParamError naming a transformer that has no source. */
export function exportStep(
  module: ModuleWriter,
  transformer: Transformer,
  { inputs, outputs }: { readonly inputs: readonly Slot[]; readonly outputs: readonly Slot[] },
): void {
  const step: Step = { module, inputs, from: module.slotsOf(inputs), outputs, to: module.slotsOf(outputs) };
  const { from, to } = step;
  const { tensors, meta } = transformer.getState();
  if (transformer instanceof SimpleImputer) {
    const values = module.array(tensors.values.data as Float64Array);
    const indicators = module.array(Uint32Array.from(meta.indicators as readonly number[]));
    module.call("impute", { from, to, values, indicators });
  } else if (transformer instanceof OneHotEncoder) oneHot(step, meta);
  else if (transformer instanceof OrdinalEncoder) ordinal(step, meta, transformer.params.unknown);
  else if (transformer instanceof KBinsDiscretizer) bin(step, tensors, transformer.params.encode === "oneHot");
  else if (transformer instanceof DateParts) dateParts(step);
  else if (transformer instanceof PCA) {
    const means = module.array(tensors.means.data as Float64Array);
    const components = module.array(tensors.components.data as Float64Array);
    module.call("project", { from, to, means, components });
  } else if (transformer instanceof ColumnSelector) {
    const kept = (meta.kept as readonly number[]).map((i) => inputs[i]);
    module.call("copy", { from: module.slotsOf(kept), to });
  } else if (!scaled(step, transformer, tensors) && !exportFeatures(step, transformer)) {
    const problem = `${transformer.spec.name} cannot be exported to TypeScript; these steps can: ${EXPORTABLE_STEPS}`;
    throw new ParamError("steps", problem);
  }
}

// Internal

const EXPORTABLE_STEPS = [
  "SimpleImputer",
  "OneHotEncoder",
  "OrdinalEncoder",
  "StandardScaler",
  "MinMaxScaler",
  "MaxAbsScaler",
  "RobustScaler",
  "KBinsDiscretizer",
  "DateParts",
  "PCA",
  ...FEATURE_STEPS,
  "and those that choose columns",
].join(", ");

/** What stands for a code without a column. */
const NO_PLACE = 0xffff_ffff;

function categoryCount(input: Slot): number {
  return input.kind === "category" ? input.categories.length : 0;
}

function oneHot({ module, inputs, outputs, from, to }: Step, meta: FittedState["meta"]): void {
  let next = 0;
  const places = (meta.kept as readonly (readonly number[])[]).map((codes, i) => {
    const own = new Uint32Array(categoryCount(inputs[i]) + 1).fill(NO_PLACE);
    for (const code of codes) own[code < 0 ? own.length - 1 : code] = outputs[next++].slot;
    return own;
  });
  module.call("oneHot", { from, to, places: module.arrays(places) });
}

function ordinal({ module, from, to }: Step, meta: FittedState["meta"], given: number | null): void {
  const unknown = given ?? Number.NaN;
  const ranks = (meta.ranks as readonly (readonly (number | null)[])[]).map((own) =>
    Float64Array.from([...own, null], (rank) => rank ?? unknown),
  );
  module.call("ordinal", { from, to, ranks: module.arrays(ranks) });
}

function bin({ module, from, to }: Step, tensors: FittedState["tensors"], encoded: boolean): void {
  const all = tensors.cuts.data as Float64Array;
  let next = 0;
  const cuts = Array.from(tensors.counts.data, (count) => {
    next += count;
    return all.slice(next - count, next);
  });
  module.call("bin", { from, to, cuts: module.arrays(cuts), oneHot: String(encoded) });
}

/** Which parts there are is told by the outputs' names: the column's, a space, the part's. */
function dateParts({ module, inputs, outputs, from, to }: Step): void {
  const count = inputs.length === 0 ? 0 : outputs.length / inputs.length;
  const parts = outputs.slice(0, count).map(({ name }) => name.slice(inputs[0].name.length + 1));
  module.call("dateParts", { from, to, parts: listLiteral(parts.map(textLiteral)) });
}

function scaled({ module, from, to }: Step, scaler: Transformer, tensors: FittedState["tensors"]): boolean {
  const known = [StandardScaler, RobustScaler, MaxAbsScaler, MinMaxScaler].find((type) => scaler instanceof type);
  if (known === undefined) return false;
  const scale = module.array(tensors.scale.data as Float64Array);
  if (known === MaxAbsScaler) {
    module.call("divide", { from, to, scale });
    return true;
  }
  const fields = { from, to, offset: module.array(tensors.offset.data as Float64Array), scale };
  if (scaler instanceof MinMaxScaler) {
    const { min, max, clip } = scaler.params;
    const onto = { min: numberLiteral(min), max: numberLiteral(max), clip: String(clip) };
    module.call("scaleOnto", { ...fields, ...onto });
  } else module.call("scale", fields);
  return true;
}
