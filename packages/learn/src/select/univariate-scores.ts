// How much a column tells of the target by itself. Rows in which it is missing are left out; NaN where nothing is told.
import type { ClassTarget, NumberTarget } from "../base/table.ts";

/** F of the analysis of variance between the classes: mean square between them by that within (Fisher 1925). */
export function classF(values: Float64Array, { codes, classes }: ClassTarget): number {
  const counts = new Float64Array(classes.length);
  const sums = new Float64Array(classes.length);
  let [rows, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    counts[codes[i]] += 1;
    sums[codes[i]] += values[i];
    rows += 1;
    total += values[i];
  }
  const mean = total / rows;
  let [between, within, groups] = [0, 0, 0];
  for (let k = 0; k < counts.length; k++) {
    if (counts[k] === 0) continue;
    groups += 1;
    between += counts[k] * (sums[k] / counts[k] - mean) ** 2;
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) within += (values[i] - sums[codes[i]] / counts[codes[i]]) ** 2;
  }
  return between / (groups - 1) / (within / (rows - groups));
}

/** F of a straight line through column and target: r² / (1 − r²) times the rows less two. */
export function lineF(values: Float64Array, target: NumberTarget): number {
  let [rows, meanX, meanY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  // Welford's update (1962): one pass, little lost to cancellation.
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    rows += 1;
    const [dx, dy] = [values[i] - meanX, target.values[i] - meanY];
    meanX += dx / rows;
    meanY += dy / rows;
    xx += dx * (values[i] - meanX);
    yy += dy * (target.values[i] - meanY);
    xy += dx * (target.values[i] - meanY);
  }
  const r2 = (xy * xy) / (xx * yy);
  return (r2 / Math.max(0, 1 - r2)) * (rows - 2);
}

/** χ² of a column's sums by class against what the classes' shares let expect; the values are counts or frequencies. */
export function chiSquared(values: Float64Array, { codes, classes }: ClassTarget): number {
  const counts = new Float64Array(classes.length);
  const sums = new Float64Array(classes.length);
  let [rows, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    counts[codes[i]] += 1;
    sums[codes[i]] += values[i];
    rows += 1;
    total += values[i];
  }
  let chi = 0;
  for (let k = 0; k < counts.length; k++) {
    const expected = (counts[k] / rows) * total;
    if (counts[k] > 0) chi += (sums[k] - expected) ** 2 / expected;
  }
  return chi;
}
