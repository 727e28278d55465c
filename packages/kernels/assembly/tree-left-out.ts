// What the trees of a forest predict for the training rows that they have not seen (Breiman 1996, Out-of-Bag Estimation).
import { TreeContext, TreeSlot } from "./tree-context";
import { findLeaf } from "./tree-node";

/**
 * Adds the leaf values of the first `slots` slots' trees to the rows that each left out (markLeftOut): to `sums`, rows ×
 * `width` f64, and one to `counts`, a u32 per row. Tree after tree in every row, so threads do not matter.
 */
export function sumLeftOut(
  context: usize,
  slots: u32,
  width: u32,
  sums: usize,
  counts: usize,
  begin: u32,
  end: u32,
): void {
  const c = changetype<TreeContext>(context);
  for (let t: u32 = 0; t < slots; t++) {
    const s = changetype<TreeSlot>(c.slots + <usize>t * c.slotBytes);
    for (let row = begin; row < end; row++) {
      if (load<f64>(s.payload + ((<usize>row) << 4)) == 0) addLeaf(c, s, row, width, sums, counts);
    }
  }
}

// Internal

function addLeaf(c: TreeContext, s: TreeSlot, row: u32, width: u32, sums: usize, counts: usize): void {
  const leaf = <usize>findLeaf(s.nodes, c.bins + <usize>row * c.stride);
  const values = s.values + ((leaf * width) << 3);
  const own = sums + ((<usize>row * width) << 3);
  for (let k: usize = 0; k < width; k++) {
    const at = own + (k << 3);
    store<f64>(at, load<f64>(at) + load<f64>(values + (k << 3)));
  }
  const count = counts + ((<usize>row) << 2);
  store<u32>(count, load<u32>(count) + 1);
}
