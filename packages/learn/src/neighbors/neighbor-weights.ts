// How much neighbours count: all the same, or by the inverse of their distance.

/** The parameter that says which. */
export const WEIGHTS = {
  type: "choice",
  choices: ["uniform", "distance"],
  default: "uniform",
  doc: "Whether all neighbours count the same, or by the inverse of their distance.",
} as const;

/** Turns the first `count` distances into weights that sum to 1, in place; points at distance 0 leave none for others. */
export function weighByDistance(distances: Float64Array, count: number): void {
  let isExact = false;
  for (let i = 0; i < count; i++) if (distances[i] === 0) isExact = true;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    distances[i] = isExact ? (distances[i] === 0 ? 1 : 0) : 1 / distances[i];
    sum += distances[i];
  }
  for (let i = 0; i < count; i++) distances[i] /= sum;
}
