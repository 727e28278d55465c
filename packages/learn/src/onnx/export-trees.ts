// Trees, forests and boosted trees as one TreeEnsembleRegressor (ai.onnx.ml 3) with thresholds in double precision, which
// gives the sums of leaf values. A number goes left when it is at most the cut that its code stands for; a set of
// categories becomes a chain of comparisons, one per run of codes that go the same way, which share their two children.
// (Chains of equalities, as other converters write them, ONNX Runtime 1.30 joins, and sometimes joins too many.)
import type { Estimator, FittedState } from "../base/component.ts";
import { Binning, type FeatureCodes } from "../tree/binning.ts";
import { outputCount } from "../tree/tree-model.ts";
import { readNode, type TreeNode, type TreeSet, treesFromState } from "../tree/tree-set.ts";
import { DOUBLE, type GraphColumn, lookUp } from "./columns.ts";
import { joinColumns } from "./export-linear.ts";
import type { Attribute, OnnxGraph } from "./graph.ts";

/** The sums of leaf values and starting values, and how many trees were summed. */
export interface TreeSums {
  /** [n, outputs], in double precision after the runtime has added up in single. */
  readonly sums: string;
  readonly trees: number;
  readonly outputs: number;
  /** Whether sums are to be divided by the number of trees. */
  readonly mean: boolean;
}

/** The trees of a fitted tree model over its columns. */
export function exportTrees(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): TreeSums {
  const state = estimator.getState();
  const owner = estimator.spec.name;
  const binning = Binning.fromState(state, owner);
  const classes = state.meta.classes as readonly string[] | null;
  const outputs = outputCount(classes);
  const mean = state.meta.combination === "mean";
  const codeCounts = Uint32Array.from(binning.features, (_, f) => binning.codeCount(f));
  const trees = treesFromState(state, { width: mean ? outputs : 1, codeCounts, traced: false }, owner);
  const ensemble = new Ensemble(binning, trees, outputs);
  const input = joinColumns(graph, treeColumns(graph, binning, columns));
  const attributes = ensemble.attributes();
  const sums = graph.node("TreeEnsembleRegressor", [input], { domain: "ai.onnx.ml", attributes });
  const double = graph.node("Cast", [sums], { attributes: { to: { int: DOUBLE } } });
  return { sums: graph.node("Add", [double, base(graph, state)]), trees: ensemble.trees, outputs, mean };
}

// Internal

function base(graph: OnnxGraph, { tensors }: FittedState): string {
  const { data } = tensors.base;
  return graph.weight({ type: "double", shape: [data.length], data });
}

/** Numbers as they are; categories as the trees' own codes, of which 0 is missing. */
function treeColumns(graph: OnnxGraph, binning: Binning, columns: readonly GraphColumn[]): GraphColumn[] {
  return columns.map((column, f) => {
    const codes = binning.features[f];
    if (codes.kind === "number") return column;
    return { ...column, value: lookUp(graph, column.value, [...codes.map, 0]) };
  });
}

type Mode = "BRANCH_LEQ" | "LEAF";

class Ensemble {
  readonly trees: number;
  readonly #features: readonly FeatureCodes[];
  readonly #set: TreeSet;
  readonly #outputs: number;
  readonly #treeIds: number[] = [];
  readonly #nodeIds: number[] = [];
  readonly #featureIds: number[] = [];
  readonly #modes: Mode[] = [];
  readonly #values: number[] = [];
  readonly #trueIds: number[] = [];
  readonly #falseIds: number[] = [];
  readonly #missingTrue: number[] = [];
  readonly #leaves = { tree: [] as number[], node: [] as number[], target: [] as number[], weight: [] as number[] };

  constructor({ features }: Binning, set: TreeSet, outputs: number) {
    this.#features = features;
    this.#set = set;
    this.#outputs = outputs;
    this.trees = set.nodeOffsets.length - 1;
    for (let tree = 0; tree < this.trees; tree++) this.#addTree(tree);
  }

  attributes(): Record<string, Attribute> {
    const doubles = (data: readonly number[]) => ({
      tensor: { type: "double" as const, shape: [data.length], data },
    });
    return {
      n_targets: { int: this.#outputs },
      aggregate_function: { text: "SUM" },
      post_transform: { text: "NONE" },
      nodes_treeids: { ints: this.#treeIds },
      nodes_nodeids: { ints: this.#nodeIds },
      nodes_featureids: { ints: this.#featureIds },
      nodes_modes: { texts: this.#modes },
      nodes_values_as_tensor: doubles(this.#values),
      nodes_truenodeids: { ints: this.#trueIds },
      nodes_falsenodeids: { ints: this.#falseIds },
      nodes_missing_value_tracks_true: { ints: this.#missingTrue },
      target_treeids: { ints: this.#leaves.tree },
      target_nodeids: { ints: this.#leaves.node },
      target_ids: { ints: this.#leaves.target },
      target_weights_as_tensor: doubles(this.#leaves.weight),
    };
  }

  // Internal

  /** Nodes are numbered anew: a split on categories takes several. */
  #addTree(tree: number): void {
    const { nodes, nodeOffsets } = this.#set;
    const root = nodeOffsets[tree];
    const numbers = new Map<number, number>();
    let next = 0;
    const order: { index: number; node: TreeNode; chain: Chain | undefined }[] = [];
    const pending = [0];
    while (pending.length > 0) {
      const index = pending.pop() as number;
      const node = readNode(nodes, root, index);
      const chain = node.kind === "category" ? chainOf(node, this.#features[node.feature]) : undefined;
      numbers.set(index, next);
      next += chain?.length ?? 1;
      order.push({ index, node, chain });
      if (node.kind !== "leaf") pending.push(node.right, node.left);
    }
    const numberOf = (index: number) => numbers.get(index) as number;
    for (const { index, node, chain } of order) {
      const id = numberOf(index);
      if (node.kind === "leaf") this.#addLeaf(tree, id, node.leaf);
      else {
        const children = { left: numberOf(node.left), right: numberOf(node.right) };
        if (chain === undefined) this.#addNumber(tree, id, node, children);
        else this.#addChain(tree, id, chain, { feature: node.feature, ...children });
      }
    }
  }

  #addNumber(
    tree: number,
    id: number,
    { feature, code, missingLeft }: Exclude<TreeNode, { kind: "leaf" }>,
    { left, right }: { left: number; right: number },
  ): void {
    const { cuts } = this.#features[feature] as Extract<FeatureCodes, { kind: "number" }>;
    // Code c holds the numbers up to cut c - 1; code 0 is missing, and beyond the last cut lies everything else.
    const cut = code < 1 ? Number.NEGATIVE_INFINITY : (cuts[code - 1] ?? Number.POSITIVE_INFINITY);
    this.#addNode({ tree, id, feature, mode: "BRANCH_LEQ", value: cut, yes: left, no: right, missing: missingLeft });
  }

  #addChain(
    tree: number,
    id: number,
    chain: Chain,
    { feature, left, right }: { feature: number; left: number; right: number },
  ): void {
    for (const [i, { upTo, toLeft }] of chain.entries()) {
      const [yes, other] = toLeft ? [left, right] : [right, left];
      // The codes beyond the last comparison go the other way.
      const no = i === chain.length - 1 ? other : id + i + 1;
      this.#addNode({ tree, id: id + i, feature, mode: "BRANCH_LEQ", value: upTo, yes, no, missing: false });
    }
  }

  #addLeaf(tree: number, id: number, leaf: number): void {
    const { values, leafOffsets, width } = this.#set;
    this.#addNode({ tree, id, feature: 0, mode: "LEAF", value: 0, yes: 0, no: 0, missing: false });
    for (let k = 0; k < width; k++) {
      this.#leaves.tree.push(tree);
      this.#leaves.node.push(id);
      this.#leaves.target.push(width === 1 ? tree % this.#outputs : k);
      this.#leaves.weight.push(values[(leafOffsets[tree] + leaf) * width + k]);
    }
  }

  #addNode(node: {
    tree: number;
    id: number;
    feature: number;
    mode: Mode;
    value: number;
    yes: number;
    no: number;
    missing: boolean;
  }): void {
    this.#treeIds.push(node.tree);
    this.#nodeIds.push(node.id);
    this.#featureIds.push(node.feature);
    this.#modes.push(node.mode);
    this.#values.push(node.value);
    this.#trueIds.push(node.yes);
    this.#falseIds.push(node.no);
    this.#missingTrue.push(node.missing ? 1 : 0);
  }
}

/** Comparisons in order: codes up to `upTo` that none before took go this way; at least one. */
type Chain = readonly { readonly upTo: number; readonly toLeft: boolean }[];

function chainOf({ bits }: Exclude<TreeNode, { kind: "leaf" }>, codes: FeatureCodes): Chain {
  const count = codes.kind === "category" ? codes.codes : 0;
  const isLeft = (code: number) => ((bits[code >>> 5] >>> (code & 31)) & 1) === 1;
  const chain: { upTo: number; toLeft: boolean }[] = [];
  for (let code = 1; code < count; code++) {
    if (isLeft(code) !== isLeft(code - 1)) chain.push({ upTo: code - 1, toLeft: isLeft(code - 1) });
  }
  // All codes go one way: whatever comes is at most infinite.
  return chain.length > 0 ? chain : [{ upTo: Number.POSITIVE_INFINITY, toLeft: isLeft(0) }];
}
