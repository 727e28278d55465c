// Rows of a kernel's matrix, and sums of kernels over support vectors. What the kernels are is in `kernelOf` and
// `kernelOfSingle`; all of them are functions of a product of two points, or of their distance.
import { expNegative, expNegativeSingle } from "./exponential";

// @ts-ignore: decorator
@inline
const RBF: i32 = 0;
// @ts-ignore: decorator
@inline
const LINEAR: i32 = 1;
// @ts-ignore: decorator
@inline
const POLY: i32 = 2;

/**
 * Kernels of points `which` (i32, `count` of them) with the points of panels [begin, end) of 8, as `packPanels` lays
 * them; the row of which[i] goes to outs[i] (u32, 8 f32 per panel). `x` has the points as rows of `stride` f32. RBF
 * distances come from products, so points should be centred.
 */
export function kernelRows(
  panels: usize, halves: usize, features: i32, x: usize, stride: i32, kind: i32, gamma: f64, coef0: f64, degree: i32,
  which: usize, outs: usize, count: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>stride) << 2;
  const last = (<usize>(count - 1)) << 2;
  for (let i: usize = 0; i <= last; i += 16) {
    // Four points share the loads of a panel; behind the last point it is done again, with the same outcome.
    const i1 = min(i + 4, last);
    const i2 = min(i + 8, last);
    const i3 = min(i + 12, last);
    const p0 = <usize>load<u32>(which + i);
    const p1 = <usize>load<u32>(which + i1);
    const p2 = <usize>load<u32>(which + i2);
    const p3 = <usize>load<u32>(which + i3);
    const isRbf = kind == RBF;
    const h0 = f32x4.splat(isRbf ? load<f32>(halves + (p0 << 2)) : 0);
    const h1 = f32x4.splat(isRbf ? load<f32>(halves + (p1 << 2)) : 0);
    const h2 = f32x4.splat(isRbf ? load<f32>(halves + (p2 << 2)) : 0);
    const h3 = f32x4.splat(isRbf ? load<f32>(halves + (p3 << 2)) : 0);
    const x0 = x + p0 * bytes;
    const x1 = x + p1 * bytes;
    const x2 = x + p2 * bytes;
    const x3 = x + p3 * bytes;
    const o0 = <usize>load<u32>(outs + i);
    const o1 = <usize>load<u32>(outs + i1);
    const o2 = <usize>load<u32>(outs + i2);
    const o3 = <usize>load<u32>(outs + i3);
    let panel = panels + (((<usize>begin) * <usize>features) << 5);
    for (let p = begin; p < end; p++) {
      const at = (<usize>p) << 5;
      const a = isRbf ? v128.load(halves + at) : f32x4.splat(0);
      const b = isRbf ? v128.load(halves + at, 16) : f32x4.splat(0);
      let a0 = f32x4.add(h0, a);
      let b0 = f32x4.add(h0, b);
      let a1 = f32x4.add(h1, a);
      let b1 = f32x4.add(h1, b);
      let a2 = f32x4.add(h2, a);
      let b2 = f32x4.add(h2, b);
      let a3 = f32x4.add(h3, a);
      let b3 = f32x4.add(h3, b);
      for (let j: usize = 0; j < (<usize>features) << 2; j += 4) {
        const m = v128.load(panel);
        const n = v128.load(panel, 16);
        panel += 32;
        const q0 = v128.load32_splat(x0 + j);
        a0 = f32x4.sub(a0, f32x4.mul(q0, m));
        b0 = f32x4.sub(b0, f32x4.mul(q0, n));
        const q1 = v128.load32_splat(x1 + j);
        a1 = f32x4.sub(a1, f32x4.mul(q1, m));
        b1 = f32x4.sub(b1, f32x4.mul(q1, n));
        const q2 = v128.load32_splat(x2 + j);
        a2 = f32x4.sub(a2, f32x4.mul(q2, m));
        b2 = f32x4.sub(b2, f32x4.mul(q2, n));
        const q3 = v128.load32_splat(x3 + j);
        a3 = f32x4.sub(a3, f32x4.mul(q3, m));
        b3 = f32x4.sub(b3, f32x4.mul(q3, n));
      }
      v128.store(o0 + at, a0);
      v128.store(o0 + at, b0, 16);
      v128.store(o1 + at, a1);
      v128.store(o1 + at, b1, 16);
      v128.store(o2 + at, a2);
      v128.store(o2 + at, b2, 16);
      v128.store(o3 + at, a3);
      v128.store(o3 + at, b3, 16);
    }
    // A loop of its own has registers enough, and what it reads is in the first-level cache.
    const from = (<usize>begin) << 5;
    const to = (<usize>end) << 5;
    finishRow(o0 + from, o0 + to, kind, gamma, coef0, degree);
    if (i1 > i) finishRow(o1 + from, o1 + to, kind, gamma, coef0, degree);
    if (i2 > i1) finishRow(o2 + from, o2 + to, kind, gamma, coef0, degree);
    if (i3 > i2) finishRow(o3 + from, o3 + to, kind, gamma, coef0, degree);
  }
}

/** Kernels from halves of squared distances, or from products with their signs turned, in place. */
function finishRow(at: usize, to: usize, kind: i32, gamma: f64, coef0: f64, degree: i32): void {
  if (kind == RBF) {
    const factor = f32x4.splat(<f32>(-2 * gamma));
    const zero = f32x4.splat(0);
    // Rounding may have made a distance negative.
    for (; at < to; at += 32) {
      v128.store(at, expNegativeSingle(f32x4.mul(f32x4.pmax(zero, v128.load(at)), factor)));
      v128.store(at, expNegativeSingle(f32x4.mul(f32x4.pmax(zero, v128.load(at, 16)), factor)), 16);
    }
    return;
  }
  for (; at < to; at += 16) v128.store(at, kernelOfSingle(v128.load(at), kind, gamma, coef0, degree));
}

// @ts-ignore: decorator
@inline
function kernelOfSingle(z: v128, kind: i32, gamma: f64, coef0: f64, degree: i32): v128 {
  if (kind == LINEAR) return f32x4.neg(z);
  const inner = f32x4.add(f32x4.mul(f32x4.neg(z), f32x4.splat(<f32>gamma)), f32x4.splat(<f32>coef0));
  if (kind == POLY) return powerSingle(inner, degree);
  // tanh t = sign t (1 - e) / (1 + e) with e = e^(-2 |t|).
  const e = expNegativeSingle(f32x4.mul(f32x4.abs(inner), f32x4.splat(-2)));
  const one = f32x4.splat(1);
  const size = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  return v128.or(size, v128.and(inner, f32x4.splat(-0.0)));
}

function powerSingle(base: v128, degree: i32): v128 {
  let power = f32x4.splat(1);
  for (; degree > 0; degree >>= 1) {
    if (degree & 1) power = f32x4.mul(power, base);
    base = f32x4.mul(base, base);
  }
  return power;
}

/**
 * The sums of betas times kernels over all points, for queries [begin, end) and each of `machines` rows of betas, into
 * `out` (queries x machines f64). Points are packed by twos, feature by feature, to `pairs` of them, a multiple of 4;
 * all is float64 and eight points are added up at once. `betas` has 2 `pairs` per machine. Who changes an operation
 * here must change `kernel-scores.ts` of the SVM family, which does the same for one row, bit by bit.
 */
export function kernelScores(
  points: usize, pairs: i32, features: i32, betas: usize, machines: i32, kind: i32, gamma: f64, coef0: f64,
  degree: i32, queries: usize, out: usize, begin: i32, end: i32,
): void {
  const span = (<usize>features) << 4;
  const width = (<usize>pairs) << 4;
  for (let q = begin; q < end; q++) {
    const row = queries + ((<usize>q * <usize>features) << 3);
    const sums = out + ((<usize>q * <usize>machines) << 3);
    memory.fill(sums, 0, (<usize>machines) << 3);
    for (let p = 0; p < pairs; p += 4) {
      let at = points + <usize>p * span;
      let s0 = f64x2.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      if (kind == RBF) {
        for (let j: usize = 0; j < (<usize>features) << 3; j += 8) {
          const x = v128.load64_splat(row + j);
          const d0 = f64x2.sub(x, v128.load(at));
          const d1 = f64x2.sub(x, v128.load(at + span));
          const d2 = f64x2.sub(x, v128.load(at + 2 * span));
          const d3 = f64x2.sub(x, v128.load(at + 3 * span));
          s0 = f64x2.add(s0, f64x2.mul(d0, d0));
          s1 = f64x2.add(s1, f64x2.mul(d1, d1));
          s2 = f64x2.add(s2, f64x2.mul(d2, d2));
          s3 = f64x2.add(s3, f64x2.mul(d3, d3));
          at += 16;
        }
      } else {
        for (let j: usize = 0; j < (<usize>features) << 3; j += 8) {
          const x = v128.load64_splat(row + j);
          s0 = f64x2.add(s0, f64x2.mul(x, v128.load(at)));
          s1 = f64x2.add(s1, f64x2.mul(x, v128.load(at + span)));
          s2 = f64x2.add(s2, f64x2.mul(x, v128.load(at + 2 * span)));
          s3 = f64x2.add(s3, f64x2.mul(x, v128.load(at + 3 * span)));
          at += 16;
        }
      }
      const k0 = kernelOf(s0, kind, gamma, coef0, degree);
      const k1 = kernelOf(s1, kind, gamma, coef0, degree);
      const k2 = kernelOf(s2, kind, gamma, coef0, degree);
      const k3 = kernelOf(s3, kind, gamma, coef0, degree);
      for (let m = 0; m < machines; m++) {
        const beta = betas + <usize>m * width + ((<usize>p) << 4);
        const a = f64x2.add(f64x2.mul(k0, v128.load(beta)), f64x2.mul(k1, v128.load(beta, 16)));
        const b = f64x2.add(f64x2.mul(k2, v128.load(beta, 32)), f64x2.mul(k3, v128.load(beta, 48)));
        const both = f64x2.add(a, b);
        const sum = sums + ((<usize>m) << 3);
        store<f64>(sum, load<f64>(sum) + (f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)));
      }
    }
  }
}

/** Kernels of two points from squared distances, or from products. */
// @ts-ignore: decorator
@inline
function kernelOf(z: v128, kind: i32, gamma: f64, coef0: f64, degree: i32): v128 {
  if (kind == RBF) return expNegative(f64x2.mul(f64x2.splat(-gamma), z));
  if (kind == LINEAR) return z;
  const inner = f64x2.add(f64x2.mul(z, f64x2.splat(gamma)), f64x2.splat(coef0));
  if (kind == POLY) return power(inner, degree);
  const e = expNegative(f64x2.mul(f64x2.abs(inner), f64x2.splat(-2)));
  const one = f64x2.splat(1);
  const size = f64x2.div(f64x2.sub(one, e), f64x2.add(one, e));
  return v128.or(size, v128.and(inner, f64x2.splat(-0.0)));
}

function power(base: v128, degree: i32): v128 {
  let power = f64x2.splat(1);
  for (; degree > 0; degree >>= 1) {
    if (degree & 1) power = f64x2.mul(power, base);
    base = f64x2.mul(base, base);
  }
  return power;
}
