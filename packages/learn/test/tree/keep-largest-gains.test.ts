import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepLargestGains } from "../../src/tree/keep-largest-gains.ts";
import { CATEGORY, LEAF, readNode } from "../../src/tree/tree-set.ts";

interface Node {
  readonly gain: number;
  readonly category: boolean;
  readonly children: readonly Node[];
}

const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.record({
    gain: fc.integer({ min: 0, max: 5 }),
    category: fc.boolean(),
    children: fc.oneof({ depthSize: "medium" }, fc.constant([]), fc.tuple(tie("tree"), tie("tree"))) as fc.Arbitrary<
      readonly Node[]
    >,
  }),
}));

/** The tree in the kernel's form; the value of a node is its number in preorder. */
function pack(root: Node): {
  nodes: Uint32Array;
  gains: Float64Array;
  values: Float64Array;
  covers: Float64Array;
  width: number;
  features: number;
} {
  const words: number[] = [];
  const gains: number[] = [];
  let leaves = 0;
  const write = ({ gain, category, children }: Node): void => {
    gains.push(children.length > 0 ? gain : 0);
    const at = words.length;
    words.push(leaves, LEAF);
    if (children.length === 0) {
      leaves++;
      return;
    }
    words[at + 1] = category ? (2 << 8) | CATEGORY : 7 << 8;
    if (category) words.push(1, 2, 3, 4);
    write(children[0]);
    words[at] = words.length / 2;
    write(children[1]);
  };
  write(root);
  return {
    nodes: Uint32Array.from(words),
    gains: Float64Array.from(gains),
    values: Float64Array.from(gains.keys()),
    covers: new Float64Array(gains.length).fill(1),
    width: 1,
    features: 1,
  };
}

/** Grows best first by the definition; gives the total gain and the number of leaves. */
function growBestFirst(root: Node, maxLeaves: number): { gain: number; leaves: number } {
  const frontier = [root];
  let gain = 0;
  while (frontier.length < maxLeaves) {
    const open = frontier.filter(({ children }) => children.length > 0);
    if (open.length === 0) break;
    const best = open.reduce((a, b) => (b.gain > a.gain ? b : a));
    gain += best.gain;
    frontier.splice(frontier.indexOf(best), 1, ...best.children);
  }
  return { gain, leaves: frontier.length };
}

describe("keepLargestGains", () => {
  it("keeps as many leaves as growing best first, in a tree that is whole", () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 2, max: 12 }), (root, maxLeaves) => {
        const full = pack(root);
        const kept = keepLargestGains(full, { maxLeaves, pruning: 0 });
        expect(kept.values.length).toBe(growBestFirst(root, maxLeaves).leaves);
        const seen: number[] = [];
        const walk = (at: number): void => {
          const node = readNode(kept.nodes, 0, at);
          if (node.kind === "leaf") seen.push(node.leaf);
          else for (const child of [node.left, node.right]) walk(child);
        };
        walk(0);
        expect(seen).toEqual([...kept.values.keys()]);
      }),
    );
  });

  it("keeps the splits that growing best first makes, when no two gain the same", () => {
    const leaf: Node = { gain: 0, category: false, children: [] };
    const split = (gain: number, ...children: [Node, Node]): Node => ({ gain, category: gain % 2 === 0, children });
    // 9 lies behind 2, so 5 and 4 come first although they gain less.
    const root = split(10, split(2, split(9, leaf, leaf), leaf), split(5, leaf, split(4, leaf, leaf)));
    const leavesOf = (maxLeaves: number) => [...keepLargestGains(pack(root), { maxLeaves, pruning: 0 }).values];
    expect(leavesOf(2)).toEqual([1, 6]);
    expect(leavesOf(3)).toEqual([1, 7, 8]);
    expect(leavesOf(4)).toEqual([1, 7, 9, 10]);
    expect(leavesOf(5)).toEqual([2, 5, 7, 9, 10]);
    expect(leavesOf(6)).toEqual([3, 4, 5, 7, 9, 10]);
  });
});
