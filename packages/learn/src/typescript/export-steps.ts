// Transformers as calls of an exported module.
import type { Slot, Transformer } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { pieces } from "../base/state.ts";
import { Projection } from "../decompose/projection.ts";
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
import { FEATURE_FAMILIES } from "./export-features.ts";
import { listLiteral, textLiteral } from "./literals.ts";
import type { ModuleWriter } from "./module-writer.ts";
import { type Step, type StepFamily, stepFamily } from "./step.ts";

/** Writes a step from its input slots to its output slots. Throws ParamError naming a transformer that has no source. */
export function exportStep(
  module: ModuleWriter,
  transformer: Transformer,
  { inputs, outputs }: { readonly inputs: readonly Slot[]; readonly outputs: readonly Slot[] },
): void {
  const found = FAMILIES.find(({ type }) => Object.prototype.isPrototypeOf.call(type.prototype, transformer));
  if (found === undefined) {
    const problem = `${transformer.spec.name} cannot be exported to TypeScript; train without this step`;
    throw new ParamError("steps", problem);
  }
  const places = { from: module.slotsOf(inputs), to: module.slotsOf(outputs) };
  found.write({ module, inputs, outputs, ...places }, transformer);
}

// Internal

/** What stands for a code without a column. */
const NO_PLACE = 0xffff_ffff;

const FAMILIES: readonly StepFamily[] = [
  stepFamily(SimpleImputer, impute),
  stepFamily(OneHotEncoder, oneHot),
  stepFamily(OrdinalEncoder, ordinal),
  stepFamily(KBinsDiscretizer, bin),
  stepFamily(DateParts, dateParts),
  stepFamily(Projection, project),
  stepFamily(ColumnSelector, select),
  stepFamily(StandardScaler, scale),
  stepFamily(RobustScaler, scale),
  stepFamily(MaxAbsScaler, divide),
  stepFamily(MinMaxScaler, scaleOnto),
  ...FEATURE_FAMILIES,
];

function impute({ module, from, to }: Step, transformer: SimpleImputer): void {
  const state = transformer.getState();
  const indicators = module.array(Uint32Array.from(state.meta.indicators as readonly number[]));
  module.call("impute", { from, to, values: module.numbers(state, "values"), indicators });
}

function oneHot({ module, inputs, outputs, from, to }: Step, transformer: OneHotEncoder): void {
  const { meta } = transformer.getState();
  let next = 0;
  const places = (meta.kept as readonly (readonly number[])[]).map((codes, i) => {
    const own = new Uint32Array(categoryCount(inputs[i]) + 1).fill(NO_PLACE);
    for (const code of codes) own[code < 0 ? own.length - 1 : code] = outputs[next++].slot;
    return own;
  });
  module.call("oneHot", { from, to, places: module.arrays(places) });
}

function categoryCount(input: Slot): number {
  return input.kind === "category" ? input.categories.length : 0;
}

function ordinal({ module, from, to }: Step, transformer: OrdinalEncoder): void {
  const { meta } = transformer.getState();
  const unknown = transformer.params.unknown ?? Number.NaN;
  const ranks = (meta.ranks as readonly (readonly (number | null)[])[]).map((own) =>
    Float64Array.from([...own, null], (rank) => rank ?? unknown),
  );
  module.call("ordinal", { from, to, ranks: module.arrays(ranks) });
}

function bin({ module, from, to }: Step, transformer: KBinsDiscretizer): void {
  const { tensors } = transformer.getState();
  const cuts = module.arrays(pieces(tensors, "cuts", Array.from(tensors.counts.data)));
  module.call("bin", { from, to, cuts, oneHot: String(transformer.params.encode === "oneHot") });
}

/** Which parts there are is told by the outputs' names: the column's, a space, the part's. */
function dateParts({ module, inputs, outputs, from, to }: Step): void {
  const count = inputs.length === 0 ? 0 : outputs.length / inputs.length;
  const parts = outputs.slice(0, count).map(({ name }) => name.slice(inputs[0].name.length + 1));
  module.call("dateParts", { from, to, parts: listLiteral(parts.map(textLiteral)) });
}

function project({ module, from, to }: Step, transformer: Transformer): void {
  const state = transformer.getState();
  const fields = { means: module.numbers(state, "means"), components: module.numbers(state, "components") };
  module.call("project", { from, to, ...fields });
}

function select({ module, inputs, to }: Step, transformer: Transformer): void {
  const kept = (transformer.getState().meta.kept as readonly number[]).map((i) => inputs[i]);
  module.call("copy", { from: module.slotsOf(kept), to });
}

function scale({ module, from, to }: Step, transformer: Transformer): void {
  const state = transformer.getState();
  module.call("scale", {
    from,
    to,
    offset: module.numbers(state, "offset"),
    scale: module.numbers(state, "scale"),
  });
}

function divide({ module, from, to }: Step, transformer: Transformer): void {
  module.call("divide", { from, to, scale: module.numbers(transformer.getState(), "scale") });
}

function scaleOnto({ module, from, to }: Step, transformer: MinMaxScaler): void {
  const state = transformer.getState();
  const { min, max, clip } = transformer.params;
  module.call("scaleOnto", {
    from,
    to,
    offset: module.numbers(state, "offset"),
    scale: module.numbers(state, "scale"),
    min: module.number(min),
    max: module.number(max),
    clip: String(clip),
  });
}
