// Dot products and accumulations between float32 rows and float64 weights. Rows are padded with zeros to a multiple of
// four columns; all arithmetic is float64, so the only rounding of the data is its storage.

// @ts-ignore: decorator
@inline
export function low(row: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(row));
}

// @ts-ignore: decorator
@inline
export function high(row: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(row, 8));
}

// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

// @ts-ignore: decorator
@inline
export function dot(row: usize, weights: usize, stride: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  const end = weights + ((<usize>stride) << 3);
  while (weights < end) {
    a = f64x2.add(a, f64x2.mul(low(row), v128.load(weights)));
    b = f64x2.add(b, f64x2.mul(high(row), v128.load(weights, 16)));
    row += 16;
    weights += 32;
  }
  return sumLanes(f64x2.add(a, b));
}

/** Dot products of rows a and b: lane 0 and lane 1. */
// @ts-ignore: decorator
@inline
export function dotPair(a: usize, b: usize, weights: usize, stride: i32): v128 {
  let sa = f64x2.splat(0);
  let sb = f64x2.splat(0);
  let ta = f64x2.splat(0);
  let tb = f64x2.splat(0);
  const end = weights + ((<usize>stride) << 3);
  while (weights < end) {
    const w = v128.load(weights);
    const v = v128.load(weights, 16);
    sa = f64x2.add(sa, f64x2.mul(low(a), w));
    sb = f64x2.add(sb, f64x2.mul(low(b), w));
    ta = f64x2.add(ta, f64x2.mul(high(a), v));
    tb = f64x2.add(tb, f64x2.mul(high(b), v));
    a += 16;
    b += 16;
    weights += 32;
  }
  sa = f64x2.add(sa, ta);
  sb = f64x2.add(sb, tb);
  return f64x2.add(v128.shuffle<i64>(sa, sb, 0, 2), v128.shuffle<i64>(sa, sb, 1, 3));
}

/** out += c * row */
// @ts-ignore: decorator
@inline
export function accumulate(c: f64, row: usize, out: usize, stride: i32): void {
  const cc = f64x2.splat(c);
  const end = out + ((<usize>stride) << 3);
  while (out < end) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.mul(cc, low(row))));
    v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(cc, high(row))), 16);
    row += 16;
    out += 32;
  }
}

/** out += c0 * rowA + c1 * rowB + d0 * rowC + d1 * rowD, with c and d holding two coefficients each. */
// @ts-ignore: decorator
@inline
export function accumulate4(c: v128, d: v128, r0: usize, r1: usize, r2: usize, r3: usize, out: usize, stride: i32): void {
  const c0 = v128.shuffle<i64>(c, c, 0, 0);
  const c1 = v128.shuffle<i64>(c, c, 1, 1);
  const c2 = v128.shuffle<i64>(d, d, 0, 0);
  const c3 = v128.shuffle<i64>(d, d, 1, 1);
  const end = out + ((<usize>stride) << 3);
  while (out < end) {
    const p = f64x2.add(f64x2.mul(c0, low(r0)), f64x2.mul(c1, low(r1)));
    const q = f64x2.add(f64x2.mul(c2, low(r2)), f64x2.mul(c3, low(r3)));
    v128.store(out, f64x2.add(v128.load(out), f64x2.add(p, q)));
    const s = f64x2.add(f64x2.mul(c0, high(r0)), f64x2.mul(c1, high(r1)));
    const t = f64x2.add(f64x2.mul(c2, high(r2)), f64x2.mul(c3, high(r3)));
    v128.store(out, f64x2.add(v128.load(out, 16), f64x2.add(s, t)), 16);
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    out += 32;
  }
}
