// The record of the k-means kernel; field by field that of assembly/cluster-context.ts.
import { RecordLayout } from "./record-layout.ts";

/** What all rows of one pass share. */
export const CLUSTER_CONTEXT = new RecordLayout({
  largest: "f64",
  second: "f64",
  squares: "f64",
  constant: "f64",
  slope: "f64",
  rounding: "f64",
  rows: "u32",
  stride: "u32",
  centres: "u32",
  panels: "u32",
  halves: "u32",
  features: "u32",
  clusters: "u32",
  moves: "u32",
  farthest: "u32",
  assigned: "u32",
  upper: "u32",
  lower: "u32",
  weights: "u32",
  partials: "u32",
  span: "u32",
  grain: "u32",
  bounded: "u32",
} as const);

/** f64 at the end of every partial that the kernel works in: a list of rows, and what four of them came to. */
export const CLUSTER_SCRATCH = 136;
