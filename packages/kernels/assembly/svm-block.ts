// Sequential minimal optimisation over a block of a kernel's matrix, with second-order pairs (Fan, Chen & Lin 2005), and
// what its moves do to all rows. Written in beta = y alpha, where all pairs move by one rule: minimise
// beta K beta / 2 - p beta + epsilon |beta| for betas of fixed sum between `low` <= 0 and `high` >= 0; v = p - K beta.

/** Least curvature of a pair, that of two equal points. */
// @ts-ignore: decorator
@inline
const LEAST_CURVATURE: f64 = 1e-12;

/**
 * Moves pairs of `count` rows until the worst pair violates optimality by less than `tolerance`, `most` times at most.
 * `k` is their block of the matrix (f32, rows of `count`); `betas`, `low`, `high` and `v` are f64, and `scratch` has
 * room for 3 `count` + 1. Gives back how many pairs it moved.
 */
export function smoBlock(
  k: usize, count: i32, betas: usize, low: usize, high: usize, v: usize, scratch: usize, epsilon: f64, tolerance: f64,
  most: i32,
): i32 {
  const size = (<usize>count) << 3;
  const bytes = (<usize>count) << 2;
  const up = scratch;
  const down = up + size;
  const diagonal = down + size;
  const worst = diagonal + size;
  for (let t: usize = 0; t < size; t += 8) {
    setShifts(betas, low, high, up, down, epsilon, t);
    store<f64>(diagonal + t, <f64>load<f32>(k + (t >> 3) * bytes + (t >> 1)));
  }
  let i = smoMove(v, up, k, k, 0, count);
  let moves = 0;
  while (moves < most && i >= 0) {
    const atI = (<usize>i) << 3;
    const first = k + <usize>i * bytes;
    const best = load<f64>(v + atI) + load<f64>(up + atI);
    const j = smoPartner(v, down, first, diagonal, load<f64>(diagonal + atI), best, worst, count);
    if (j < 0 || best - load<f64>(worst) < tolerance) break;
    const atJ = (<usize>j) << 3;
    const second = k + <usize>j * bytes;
    const difference = best - (load<f64>(v + atJ) + load<f64>(down + atJ));
    const bend = load<f64>(diagonal + atI) + load<f64>(diagonal + atJ) - 2 * <f64>load<f32>(first + (atJ >> 1));
    const betaI = load<f64>(betas + atI);
    const betaJ = load<f64>(betas + atJ);
    // The slope of |beta| changes at 0, so that a step ends there.
    const stopI = betaI < 0 ? 0 : load<f64>(high + atI);
    const stopJ = betaJ > 0 ? 0 : load<f64>(low + atJ);
    const roomI = stopI - betaI;
    const roomJ = betaJ - stopJ;
    const step = min(difference / max(bend, LEAST_CURVATURE), min(roomI, roomJ));
    store<f64>(betas + atI, step == roomI ? stopI : betaI + step);
    store<f64>(betas + atJ, step == roomJ ? stopJ : betaJ - step);
    setShifts(betas, low, high, up, down, epsilon, atI);
    setShifts(betas, low, high, up, down, epsilon, atJ);
    i = smoMove(v, up, first, second, step, count);
    moves++;
  }
  return moves;
}

/** What is added to v where beta would grow, and where it would fall: infinite where it cannot. */
// @ts-ignore: decorator
@inline
function setShifts(betas: usize, low: usize, high: usize, up: usize, down: usize, epsilon: f64, t: usize): void {
  const beta = load<f64>(betas + t);
  store<f64>(up + t, beta >= load<f64>(high + t) ? -Infinity : beta < 0 ? epsilon : -epsilon);
  store<f64>(down + t, beta <= load<f64>(low + t) ? Infinity : beta > 0 ? -epsilon : epsilon);
}

/**
 * Subtracts `step` times the difference of two kernel rows from `v`, and gives back the first row of the largest v + `up`;
 * -1 when it is minus infinity throughout.
 */
export function smoMove(v: usize, up: usize, first: usize, second: usize, step: f64, count: i32): i32 {
  const steps = f64x2.splat(step);
  let mosts = f64x2.splat(-Infinity);
  let places = i64x2.splat(-1);
  let place = i64x2(0, 1);
  let at: usize = 0;
  const end = (<usize>(count & ~1)) << 3;
  for (; at < end; at += 16) {
    const half = at >> 1;
    const difference = f32x4.sub(v128.load64_zero(first + half), v128.load64_zero(second + half));
    const value = f64x2.sub(v128.load(v + at), f64x2.mul(steps, f64x2.promote_low_f32x4(difference)));
    v128.store(v + at, value);
    const allowed = f64x2.add(value, v128.load(up + at));
    places = v128.bitselect(place, places, f64x2.gt(allowed, mosts));
    mosts = f64x2.pmax(mosts, allowed);
    place = i64x2.add(place, i64x2.splat(2));
  }
  let most = f64x2.extract_lane(mosts, 0);
  let best = <i32>i64x2.extract_lane(places, 0);
  const other = f64x2.extract_lane(mosts, 1);
  const otherPlace = <i32>i64x2.extract_lane(places, 1);
  if (other > most || (other == most && otherPlace < best)) {
    most = other;
    best = otherPlace;
  }
  if (count & 1) {
    const half = at >> 1;
    const value = load<f64>(v + at) - step * <f64>(load<f32>(first + half) - load<f32>(second + half));
    store<f64>(v + at, value);
    if (value + load<f64>(up + at) > most) best = count - 1;
  }
  return best;
}

/**
 * The row that gains most when its beta falls while that of a row with `most`, kernel row `kernel` and kernel `own` with
 * itself grows: the largest (most - v)^2 / curvature of rows with v + `down` < most; -1 when there is none. The least
 * v + down goes to `worst`.
 */
export function smoPartner(
  v: usize, down: usize, kernel: usize, diagonal: usize, own: f64, most: f64, worst: usize, count: i32,
): i32 {
  const mosts = f64x2.splat(most);
  const owns = f64x2.splat(own);
  const zero = f64x2.splat(0);
  const two = f64x2.splat(2);
  const leastCurvature = f64x2.splat(LEAST_CURVATURE);
  let leasts = f64x2.splat(Infinity);
  let squares = zero;
  let curvatures = f64x2.splat(1);
  let places = i64x2.splat(-1);
  let place = i64x2(0, 1);
  let at: usize = 0;
  const end = (<usize>(count & ~1)) << 3;
  for (; at < end; at += 16) {
    const value = f64x2.add(v128.load(v + at), v128.load(down + at));
    leasts = f64x2.pmin(leasts, value);
    // Nothing is gained where v is larger, and the infinite ones square to nothing.
    const difference = f64x2.pmax(zero, f64x2.sub(mosts, value));
    const similar = f64x2.promote_low_f32x4(v128.load64_zero(kernel + (at >> 1)));
    const ends = f64x2.add(owns, v128.load(diagonal + at));
    const curvature = f64x2.pmax(leastCurvature, f64x2.sub(ends, f64x2.mul(two, similar)));
    const square = f64x2.mul(difference, difference);
    // Two products are faster than a quotient.
    const more = f64x2.gt(f64x2.mul(square, curvatures), f64x2.mul(squares, curvature));
    squares = v128.bitselect(square, squares, more);
    curvatures = v128.bitselect(curvature, curvatures, more);
    places = v128.bitselect(place, places, more);
    place = i64x2.add(place, i64x2.splat(2));
  }
  let least = min(f64x2.extract_lane(leasts, 0), f64x2.extract_lane(leasts, 1));
  let bestSquare = f64x2.extract_lane(squares, 0);
  let bestCurvature = f64x2.extract_lane(curvatures, 0);
  let best = <i32>i64x2.extract_lane(places, 0);
  if (f64x2.extract_lane(squares, 1) * bestCurvature > bestSquare * f64x2.extract_lane(curvatures, 1)) {
    bestSquare = f64x2.extract_lane(squares, 1);
    bestCurvature = f64x2.extract_lane(curvatures, 1);
    best = <i32>i64x2.extract_lane(places, 1);
  }
  if (count & 1) {
    const value = load<f64>(v + at) + load<f64>(down + at);
    least = min(least, value);
    const difference = max(0, most - value);
    const ends = own + load<f64>(diagonal + at);
    const curvature = max(ends - 2 * <f64>load<f32>(kernel + (at >> 1)), LEAST_CURVATURE);
    if (difference * difference * bestCurvature > bestSquare * curvature) best = count - 1;
  }
  store<f64>(worst, least);
  return best;
}

/** Copies the block of rows and columns `which` (i32) of a kernel's matrix, whose rows lie at rows[i] (u32), to `out`. */
export function smoGather(rows: usize, which: usize, count: i32, out: usize): void {
  const bytes = (<usize>count) << 2;
  for (let i: usize = 0; i < bytes; i += 4) {
    const row = <usize>load<u32>(rows + i);
    for (let j: usize = 0; j < bytes; j += 4) {
      store<f32>(out, load<f32>(row + (<usize>load<u32>(which + j) << 2)));
      out += 4;
    }
  }
}

/** Subtracts the sum of steps[i] (f64) times the kernel row at rows[i] (u32) from entries [begin, end) of `v`. */
export function smoSpread(v: usize, rows: usize, steps: usize, count: i32, begin: i32, end: i32): void {
  const last = (<usize>end) << 3;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = (<usize>i) << 2;
    const r0 = <usize>load<u32>(rows + at);
    const r1 = <usize>load<u32>(rows + at, 4);
    const r2 = <usize>load<u32>(rows + at, 8);
    const r3 = <usize>load<u32>(rows + at, 12);
    const s0 = v128.load64_splat(steps + 2 * at);
    const s1 = v128.load64_splat(steps + 2 * at, 8);
    const s2 = v128.load64_splat(steps + 2 * at, 16);
    const s3 = v128.load64_splat(steps + 2 * at, 24);
    let t = (<usize>begin) << 3;
    for (; t + 16 <= last; t += 16) {
      const half = t >> 1;
      const a = f64x2.add(f64x2.mul(s0, lower(r0 + half)), f64x2.mul(s1, lower(r1 + half)));
      const b = f64x2.add(f64x2.mul(s2, lower(r2 + half)), f64x2.mul(s3, lower(r3 + half)));
      v128.store(v + t, f64x2.sub(v128.load(v + t), f64x2.add(a, b)));
    }
    if (t < last) {
      const half = t >> 1;
      const a = f64x2.extract_lane(s0, 0) * <f64>load<f32>(r0 + half) + f64x2.extract_lane(s1, 0) * <f64>load<f32>(r1 + half);
      const b = f64x2.extract_lane(s2, 0) * <f64>load<f32>(r2 + half) + f64x2.extract_lane(s3, 0) * <f64>load<f32>(r3 + half);
      store<f64>(v + t, load<f64>(v + t) - (a + b));
    }
  }
  for (; i < count; i++) {
    const row = <usize>load<u32>(rows + ((<usize>i) << 2));
    const step = load<f64>(steps + ((<usize>i) << 3));
    for (let t = (<usize>begin) << 3; t < last; t += 8) {
      store<f64>(v + t, load<f64>(v + t) - step * <f64>load<f32>(row + (t >> 1)));
    }
  }
}

// @ts-ignore: decorator
@inline
function lower(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/**
 * The `size` rows of [begin, end) with the largest v + `up`, then those with the least v + `down`: values (f64) to
 * `values` and rows (i32) to `rows`, the first first, each list of `size`. How many there are goes to `counts` (two i32).
 */
export function smoExtremes(
  v: usize, up: usize, down: usize, size: i32, values: usize, rows: usize, counts: usize, begin: i32, end: i32,
): void {
  const fallingValues = values + ((<usize>size) << 3);
  const fallingRows = rows + ((<usize>size) << 2);
  let growing = 0;
  let falling = 0;
  let least: f64 = -Infinity;
  let leastFalling: f64 = -Infinity;
  for (let t = begin; t < end; t += 2) {
    const at = (<usize>t) << 3;
    if (t + 1 < end) {
      const value = v128.load(v + at);
      const grow = f64x2.gt(f64x2.add(value, v128.load(up + at)), f64x2.splat(least));
      const fall = f64x2.lt(f64x2.add(value, v128.load(down + at)), f64x2.splat(-leastFalling));
      if (!v128.any_true(v128.or(grow, fall))) continue;
    }
    for (let row = t; row < min(t + 2, end); row++) {
      const own = (<usize>row) << 3;
      const grown = load<f64>(v + own) + load<f64>(up + own);
      if (grown > least) {
        growing = insertExtreme(values, rows, growing, size, grown, row);
        if (growing == size) least = load<f64>(values + ((<usize>(size - 1)) << 3));
      }
      const fallen = -(load<f64>(v + own) + load<f64>(down + own));
      if (fallen > leastFalling) {
        falling = insertExtreme(fallingValues, fallingRows, falling, size, fallen, row);
        if (falling == size) leastFalling = load<f64>(fallingValues + ((<usize>(size - 1)) << 3));
      }
    }
  }
  store<i32>(counts, growing);
  store<i32>(counts, falling, 4);
}

/** Puts a value in its place among `count` of at most `size`, the largest first; gives back how many there are then. */
function insertExtreme(values: usize, rows: usize, count: i32, size: i32, value: f64, row: i32): i32 {
  let at = count == size ? size - 1 : count;
  for (; at > 0; at--) {
    const before = load<f64>(values + ((<usize>(at - 1)) << 3));
    if (before >= value) break;
    store<f64>(values + ((<usize>at) << 3), before);
    store<i32>(rows + ((<usize>at) << 2), load<i32>(rows + ((<usize>(at - 1)) << 2)));
  }
  store<f64>(values + ((<usize>at) << 3), value);
  store<i32>(rows + ((<usize>at) << 2), row);
  return min(count + 1, size);
}
