// From the innermost rows to all usual ones: what an ellipsoid of a part of normal rows says of all of them, and the
// ellipsoid of all rows that are usual by it (Croux & Haesbroeck 1999).
import { chiSquaredAbove, chiSquaredQuantile } from "../base/distributions.ts";
import { Ellipsoid, ellipsoidOf } from "./ellipsoid.ts";
import type { Cloud } from "./minimum-determinant.ts";

/** Of normal rows, so many lie within the distance that parts inliers from outliers. */
export const WITHIN = 0.975;

/** The ellipsoid of all rows that are usual by `raw`, which is that of the innermost `share` of them. */
export function reweighted({ values, rows, size }: Cloud, raw: Ellipsoid, share: number): Ellipsoid {
  const limit = chiSquaredQuantile(WITHIN, size) * consistency(size, share);
  const usual = Uint32Array.from({ length: rows }, (_, row) => row).filter(
    (row) => raw.squareTo(values, row * size) < limit,
  );
  const { centre, covariance } = ellipsoidOf(values, size, usual);
  const factor = consistency(size, WITHIN);
  return new Ellipsoid(
    centre,
    covariance.map((value) => value * factor),
  );
}

// Internal

/** What makes the covariance of the innermost share of normal rows that of all of them. */
function consistency(size: number, share: number): number {
  if (share >= 1) return 1;
  return share / (1 - chiSquaredAbove(chiSquaredQuantile(share, size), size + 2));
}
