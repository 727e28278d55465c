// The record that the k-means kernel shares with its driver (src/records/cluster-records.ts has it with the same names).
// Field order is the memory layout.

/** What all rows of one pass share. */
@unmanaged
export class ClusterContext {
  largest: f64; // farthest that a centre has moved since the last pass
  second: f64; // farthest of the others
  squares: f64; // largest squared length of a centre
  constant: f64; // bounds must differ in their squares by this much,
  slope: f64; // and this much of the upper bound more, before rounding cannot turn the scores
  rounding: f64; // share of squared lengths that rounding may change in a squared distance
  rows: usize; // f32, `stride` per row, zeros beyond the features
  stride: u32;
  centres: usize; // laid out as the rows
  panels: usize;
  halves: usize;
  features: u32;
  clusters: u32;
  moves: usize; // f32 per centre: how far it moved since the last pass
  farthest: u32; // the centre that moved farthest
  assigned: usize; // i32 per row: its centre in the last pass, -1 before the first
  upper: usize; // f32 per row: no less than the distance to its centre
  lower: usize; // f32 per row: no more than the distance to any other
  weights: usize; // f64 per row; 0: all rows count alike
  partials: usize;
  span: u32;
  grain: u32;
  bounded: u32; // 1: rows whose bounds say that their centre stays are passed over
}
