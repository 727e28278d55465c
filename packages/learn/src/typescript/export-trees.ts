// Trees, forests and boosted trees as calls of an exported module.
import type { Estimator, Slot } from "../base/component.ts";
import { Binning } from "../tree/binning.ts";
import { outputCount } from "../tree/tree-model.ts";
import { treesFromState, usedFeatures } from "../tree/tree-set.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** The sums of leaf values, and what is made of them. */
export function exportTrees(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const owner = estimator.spec.name;
  const state = estimator.getState();
  const binning = Binning.fromState(state, owner);
  const classes = state.meta.classes as readonly string[] | null;
  const outputs = outputCount(classes);
  const mean = state.meta.combination === "mean";
  const codeCounts = Uint32Array.from(binning.features, (_, f) => binning.codeCount(f));
  const set = treesFromState(state, { width: mean ? outputs : 1, codeCounts, traced: false }, owner);
  const used = usedFeatures(set);
  const codes = Array.from(used, (f) => binning.features[f]);
  module.call("trees", {
    features: module.array(used),
    from: module.slotsOf(Array.from(used, (f) => columns[f])),
    cuts: `[${codes.map((own) => (own.kind === "number" ? module.array(own.cuts) : "undefined")).join(", ")}]`,
    maps: `[${codes.map((own) => (own.kind === "category" ? module.array(own.map) : "undefined")).join(", ")}]`,
    codes: `new Uint8Array(${Math.max(1, columns.length)})`,
    nodes: module.array(set.nodes),
    nodeOffsets: module.array(set.nodeOffsets),
    values: module.array(set.values),
    leafOffsets: module.array(set.leafOffsets),
    width: String(set.width),
    base: module.numbers(state, "base"),
  });
  const trees = set.nodeOffsets.length - 1;
  if (classes?.length === 1) module.call("certain");
  else if (state.meta.combination === "exponential") module.call("exponential");
  else {
    if (mean) module.call("meanOf", { trees: String(trees), outputs: String(outputs) });
    if (classes !== null && outputs === 1) module.call(mean ? "bothShares" : "odds");
    else if (classes !== null && !mean) module.call("softmax");
  }
}
