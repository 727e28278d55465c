// exp of two float64 or four float32 at once, for arguments <= 0 (softmax and logistic only ever need those).

// @ts-ignore: decorator
@inline
const LOG2_E: f64 = 1.4426950408889634;
// ln 2 in two parts, the first with 20 trailing zero bits, so that n * LN2_HIGH is exact (Cody & Waite 1980).
// @ts-ignore: decorator
@inline
const LN2_HIGH: f64 = 6.93147180369123816490e-1;
// @ts-ignore: decorator
@inline
const LN2_LOW: f64 = 1.90821492927058770002e-10;
// Adding 1.5 * 2^52 leaves the nearest whole number in the low bits of the sum.
// @ts-ignore: decorator
@inline
const ROUND: f64 = 6755399441055744.0;
// @ts-ignore: decorator
@inline
const LOWEST: f64 = -708.0; // below, the result would be subnormal; e^-708 is 3e-308

/** e^z for z <= 0 to within 2 units of the last place: 2^n times the Taylor polynomial of degree 13 on |r| <= ln(2)/2. */
// @ts-ignore: decorator
@inline
export function expNegative(z: v128): v128 {
  const x = f64x2.pmax(f64x2.splat(LOWEST), z);
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(LOG2_E)), f64x2.splat(ROUND));
  const n = f64x2.sub(shifted, f64x2.splat(ROUND));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, f64x2.splat(LN2_HIGH))), f64x2.mul(n, f64x2.splat(LN2_LOW)));
  // Estrin's scheme: the halves of the polynomial do not wait for one another.
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const r8 = f64x2.mul(r4, r4);
  const p01 = f64x2.add(f64x2.splat(1.0), r);
  const p23 = pair(1.0 / 2.0, 1.0 / 6.0, r);
  const p45 = pair(1.0 / 24.0, 1.0 / 120.0, r);
  const p67 = pair(1.0 / 720.0, 1.0 / 5040.0, r);
  const p89 = pair(1.0 / 40320.0, 1.0 / 362880.0, r);
  const pab = pair(1.0 / 3628800.0, 1.0 / 39916800.0, r);
  const pcd = pair(1.0 / 479001600.0, 1.0 / 6227020800.0, r);
  const q0 = f64x2.add(p01, f64x2.mul(p23, r2));
  const q1 = f64x2.add(p45, f64x2.mul(p67, r2));
  const q2 = f64x2.add(f64x2.add(p89, f64x2.mul(pab, r2)), f64x2.mul(pcd, r4));
  const p = f64x2.add(f64x2.add(q0, f64x2.mul(q1, r4)), f64x2.mul(q2, r8));
  // 2^n from its exponent bits: n sits in the low bits of `shifted`.
  const power = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
  return f64x2.mul(p, power);
}

/** e^z of four float32 z <= 0 to within 2 units of the last place, by the same steps; e^-87 for all below. */
// @ts-ignore: decorator
@inline
export function expNegativeSingle(z: v128): v128 {
  const round: f32 = 12582912; // 1.5 * 2^23
  const x = f32x4.pmax(f32x4.splat(-87), z);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(<f32>LOG2_E)), f32x4.splat(round));
  const n = f32x4.sub(shifted, f32x4.splat(round));
  // ln 2 with 9 bits, and the rest.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  const r2 = f32x4.mul(r, r);
  const p01 = f32x4.add(f32x4.splat(1), r);
  const p23 = pairSingle(1.0 / 2.0, 1.0 / 6.0, r);
  const p45 = pairSingle(1.0 / 24.0, 1.0 / 120.0, r);
  const p67 = pairSingle(1.0 / 720.0, 1.0 / 5040.0, r);
  const high = f32x4.add(p45, f32x4.mul(p67, r2));
  const p = f32x4.add(p01, f32x4.mul(f32x4.add(p23, f32x4.mul(high, r2)), r2));
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}

// @ts-ignore: decorator
@inline
function pairSingle(a: f32, b: f32, r: v128): v128 {
  return f32x4.add(f32x4.splat(a), f32x4.mul(f32x4.splat(b), r));
}

// @ts-ignore: decorator
@inline
function pair(a: f64, b: f64, r: v128): v128 {
  return f64x2.add(f64x2.splat(a), f64x2.mul(f64x2.splat(b), r));
}
