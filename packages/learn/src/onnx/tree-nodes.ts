// The nodes of trees as the attributes of one TreeEnsembleRegressor (ai.onnx.ml 3), with thresholds in double precision.
import type { Attribute } from "./graph.ts";

/** A place in a tree: nodes are numbered within theirs. */
export interface NodePlace {
  readonly tree: number;
  readonly id: number;
}

/** What goes to `yes` where its value is at most `cut`. */
export interface Branch extends NodePlace {
  readonly feature: number;
  readonly cut: number;
  readonly yes: number;
  readonly no: number;
  /** Whether a missing value goes to `yes`. */
  readonly missing: boolean;
}

/** Collects nodes; what it gives are sums of leaf values over all trees. */
export class TreeNodes {
  readonly #outputs: number;
  readonly #treeIds: number[] = [];
  readonly #nodeIds: number[] = [];
  readonly #featureIds: number[] = [];
  readonly #modes: string[] = [];
  readonly #cuts: number[] = [];
  readonly #trueIds: number[] = [];
  readonly #falseIds: number[] = [];
  readonly #missingTrue: number[] = [];
  readonly #leaves = { tree: [] as number[], node: [] as number[], target: [] as number[], weight: [] as number[] };

  constructor(outputs: number) {
    this.#outputs = outputs;
  }

  branch({ tree, id, feature, cut, yes, no, missing }: Branch): void {
    this.#add({ tree, id }, "BRANCH_LEQ", [feature, cut, yes, no, missing ? 1 : 0]);
  }

  /** A leaf that adds each of `weights` to the output named beside it. */
  leaf(place: NodePlace, weights: readonly { readonly target: number; readonly weight: number }[]): void {
    this.#add(place, "LEAF", [0, 0, 0, 0, 0]);
    for (const { target, weight } of weights) {
      this.#leaves.tree.push(place.tree);
      this.#leaves.node.push(place.id);
      this.#leaves.target.push(target);
      this.#leaves.weight.push(weight);
    }
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
      nodes_values_as_tensor: doubles(this.#cuts),
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

  #add({ tree, id }: NodePlace, mode: string, [feature, cut, yes, no, missing]: readonly number[]): void {
    this.#treeIds.push(tree);
    this.#nodeIds.push(id);
    this.#featureIds.push(feature);
    this.#modes.push(mode);
    this.#cuts.push(cut);
    this.#trueIds.push(yes);
    this.#falseIds.push(no);
    this.#missingTrue.push(missing);
  }
}
