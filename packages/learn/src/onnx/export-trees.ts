// Trees, forests and boosted trees as one TreeEnsembleRegressor (ai.onnx.ml 3) with thresholds in double precision, which
// gives the sums of leaf values. A number goes left when it is at most the cut that its code stands for; a set of
// categories becomes a chain of comparisons, one per run of codes that go the same way, which share their two children.
// (Chains of equalities, as other converters write them, ONNX Runtime 1.30 joins, and sometimes joins too many.)
import type { Estimator, FittedState } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { Binning, type FeatureCodes } from "../tree/binning.ts";
import { outputCount } from "../tree/tree-model.ts";
import { readNode, type TreeNode, type TreeSet, treesFromState } from "../tree/tree-set.ts";
import { constant, DOUBLE, type GraphColumn, joinColumns, lookUp } from "./columns.ts";
import type { Attribute, OnnxGraph } from "./graph.ts";
import { bothShares, probabilitiesOf } from "./shares.ts";
import { type NodePlace, TreeNodes } from "./tree-nodes.ts";

/** What a tree model gives: [n, 1] numbers, or [n, classes] probabilities. Throws ParamError for one class alone. */
export function exportTrees(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { sums, trees, outputs, mean } = treeSums(graph, estimator, columns);
  const { meta } = estimator.getState();
  const classes = meta.classes as readonly string[] | null;
  if (meta.combination === "exponential") return graph.node("Exp", [sums]);
  const shares = mean ? graph.node("Div", [sums, constant(graph, trees)]) : sums;
  if (classes === null) return shares;
  if (classes.length < 2)
    throw new ParamError("estimator", `${estimator.spec.name} knows one class only: "${classes}"`);
  if (!mean) return probabilitiesOf(graph, shares, classes.length);
  return outputs === 1 ? bothShares(graph, shares) : shares;
}

// Internal

/** The sums of leaf values and starting values, and how many trees were summed. */
interface TreeSums {
  /** [n, outputs], in double precision after the runtime has added up in single. */
  readonly sums: string;
  readonly trees: number;
  readonly outputs: number;
  /** Whether sums are to be divided by the number of trees. */
  readonly mean: boolean;
}

function treeSums(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): TreeSums {
  const state = estimator.getState();
  const owner = estimator.spec.name;
  const binning = Binning.fromState(state, owner);
  const classes = state.meta.classes as readonly string[] | null;
  const outputs = outputCount(classes);
  const mean = state.meta.combination === "mean";
  const codeCounts = Uint32Array.from(binning.features, (_, f) => binning.codeCount(f));
  const trees = treesFromState(state, { width: mean ? outputs : 1, codeCounts, traced: false }, owner);
  const attributes = new TreeWriter(binning, trees, outputs).attributes();
  const input = joinColumns(graph, treeColumns(graph, binning, columns));
  const sums = graph.node("TreeEnsembleRegressor", [input], { domain: "ai.onnx.ml", attributes });
  const double = graph.node("Cast", [sums], { attributes: { to: { int: DOUBLE } } });
  return { sums: graph.node("Add", [double, base(graph, state)]), trees: trees.nodeOffsets.length - 1, outputs, mean };
}

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

/** Writes the trees of a set as nodes. */
class TreeWriter {
  readonly #features: readonly FeatureCodes[];
  readonly #set: TreeSet;
  readonly #outputs: number;
  readonly #nodes: TreeNodes;

  constructor({ features }: Binning, set: TreeSet, outputs: number) {
    this.#features = features;
    this.#set = set;
    this.#outputs = outputs;
    this.#nodes = new TreeNodes(outputs);
    for (let tree = 0; tree + 1 < set.nodeOffsets.length; tree++) this.#addTree(tree);
  }

  attributes(): Record<string, Attribute> {
    return this.#nodes.attributes();
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
      const place = { tree, id: numberOf(index) };
      if (node.kind === "leaf") this.#addLeaf(place, node.leaf);
      else {
        const children = { left: numberOf(node.left), right: numberOf(node.right) };
        if (chain === undefined) this.#addNumber(place, node, children);
        else this.#addChain(place, chain, { feature: node.feature, ...children });
      }
    }
  }

  #addNumber(
    place: NodePlace,
    { feature, code, missingLeft }: Exclude<TreeNode, { kind: "leaf" }>,
    { left, right }: { left: number; right: number },
  ): void {
    const { cuts } = this.#features[feature] as Extract<FeatureCodes, { kind: "number" }>;
    // Code c holds the numbers up to cut c - 1; code 0 is missing, and beyond the last cut lies everything else.
    const cut = code < 1 ? Number.NEGATIVE_INFINITY : (cuts[code - 1] ?? Number.POSITIVE_INFINITY);
    this.#nodes.branch({ ...place, feature, cut, yes: left, no: right, missing: missingLeft });
  }

  #addChain(
    { tree, id }: NodePlace,
    chain: Chain,
    { feature, left, right }: { feature: number; left: number; right: number },
  ): void {
    for (const [i, { upTo, toLeft }] of chain.entries()) {
      const [yes, other] = toLeft ? [left, right] : [right, left];
      // The codes beyond the last comparison go the other way.
      const no = i === chain.length - 1 ? other : id + i + 1;
      this.#nodes.branch({ tree, id: id + i, feature, cut: upTo, yes, no, missing: false });
    }
  }

  #addLeaf(place: NodePlace, leaf: number): void {
    const { values, leafOffsets, width } = this.#set;
    const first = (leafOffsets[place.tree] + leaf) * width;
    const weights = Array.from({ length: width }, (_, k) => ({
      target: width === 1 ? place.tree % this.#outputs : k,
      weight: values[first + k],
    }));
    this.#nodes.leaf(place, weights);
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
