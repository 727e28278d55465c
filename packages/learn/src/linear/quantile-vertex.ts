// The exact end of a linear program's interior solution: the minimum of a quantile loss lies where as many rows as there
// are coefficients are fitted exactly. A penalised coefficient of 0 is such a row.
import { type QuantileProblem, quantileLoss } from "./quantile-minimum.ts";

/** What is left of a row's length after the others' directions are taken off, for it to count as a new direction. */
const INDEPENDENT = 1e-9;
/** So many rows for each that is wanted are looked at. */
const CANDIDATES = 20;
/** Beyond, the search costs more than what it gains in the last digits. */
const MAX_ORDER = 300;

/** The vertex next to `x`, where its loss is no larger; otherwise undefined. */
export function nearestVertex(problem: QuantileProblem, x: Float64Array, value: number): Float64Array | undefined {
  const order = x.length;
  if (order > MAX_ORDER) return undefined;
  const { columns, target, l1 } = problem;
  const errors = new Float64Array(target.length + (l1 > 0 ? columns.length : 0));
  quantileLoss(problem, x, errors);
  const picked = independentRows(problem, errors, order);
  if (picked === undefined) return undefined;
  const vertex = solve(problem, picked);
  for (const row of picked) if (row >= target.length) vertex[row - target.length] = 0;
  // Loses nothing but rounding.
  return quantileLoss(problem, vertex, errors) <= value * (1 + 1e-12) ? vertex : undefined;
}

// Internal

/** The rows with the least errors whose directions are independent; undefined where there are too few. */
function independentRows(problem: QuantileProblem, errors: Float64Array, order: number): number[] | undefined {
  const limit = CANDIDATES * order;
  const sizes = errors.map(Math.abs);
  const nearest = Uint32Array.from(sizes.keys()).sort((i, j) => sizes[i] - sizes[j]);
  const basis: Float64Array[] = [];
  const picked: number[] = [];
  for (const row of nearest.subarray(0, limit)) {
    const direction = rowOf(problem, row, order);
    const length = norm(direction);
    // Twice: the second pass takes off what rounding left of the first.
    for (let pass = 0; pass < 2; pass++) for (const other of basis) takeOff(direction, other);
    const rest = norm(direction);
    if (!(rest > INDEPENDENT * length)) continue;
    for (let j = 0; j < order; j++) direction[j] /= rest;
    basis.push(direction);
    picked.push(row);
    if (picked.length === order) return picked;
  }
  return undefined;
}

function rowOf({ columns, shifts, target }: QuantileProblem, row: number, order: number): Float64Array {
  const out = new Float64Array(order);
  if (row >= target.length) {
    out[row - target.length] = 1;
    return out;
  }
  for (let j = 0; j < columns.length; j++) out[j] = columns[j][row] - shifts[j];
  if (order > columns.length) out[columns.length] = 1;
  return out;
}

/** The coefficients that fit the picked rows exactly: Gauss's elimination with the largest pivot of each column. */
function solve(problem: QuantileProblem, picked: readonly number[]): Float64Array {
  const order = picked.length;
  const { target } = problem;
  const rows = picked.map((row) =>
    Float64Array.from([...rowOf(problem, row, order), row < target.length ? target[row] : 0]),
  );
  for (let k = 0; k < order; k++) {
    let best = k;
    for (let i = k + 1; i < order; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let i = k + 1; i < order; i++) {
      const share = rows[i][k] / rows[k][k];
      if (share !== 0) for (let j = k; j <= order; j++) rows[i][j] -= share * rows[k][j];
    }
  }
  const x = new Float64Array(order);
  for (let k = order - 1; k >= 0; k--) {
    let sum = rows[k][order];
    for (let j = k + 1; j < order; j++) sum -= rows[k][j] * x[j];
    x[k] = sum / rows[k][k];
  }
  return x;
}

function takeOff(v: Float64Array, unit: Float64Array): void {
  let share = 0;
  for (let j = 0; j < v.length; j++) share += v[j] * unit[j];
  for (let j = 0; j < v.length; j++) v[j] -= share * unit[j];
}

function norm(v: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < v.length; j++) sum += v[j] * v[j];
  return Math.sqrt(sum);
}
