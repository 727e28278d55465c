// The minimum of a function of one number without derivatives.

/** (3 − √5) / 2, the smaller part of the golden section. */
const GOLDEN = 0.381966011250105;
const STRETCH = 1.618034;
const MOST_STEPS = 200;

/**
 * Where `f` is least: a bracket is sought downhill from `a` and `b`, then narrowed to `tolerance` relative to the place
 * (Brent 1973, Algorithms for Minimization without Derivatives, chapter 5). `f` may be infinite where it has no value.
 */
export function minimum(
  f: (x: number) => number,
  { a, b, tolerance = 1.5e-8 }: { a: number; b: number; tolerance?: number },
): number {
  let { low, middle, high } = bracket(f, a, b);
  // The best place, the second best and the one before.
  let [x, w, v] = [middle, middle, middle];
  let fx = f(x);
  let [fw, fv] = [fx, fx];
  let [step, before] = [0, 0];
  for (let i = 0; i < MOST_STEPS; i++) {
    middle = (low + high) / 2;
    const near = tolerance * Math.abs(x) + 1e-11;
    if (Math.abs(x - middle) <= 2 * near - (high - low) / 2) break;
    const parabolic = Math.abs(before) > near ? parabola([x, w, v], [fx, fw, fv]) : Number.NaN;
    const isGood = Math.abs(parabolic) < Math.abs(before) / 2 && x + parabolic > low && x + parabolic < high;
    if (isGood) {
      before = step;
      step = parabolic;
      if (x + step - low < 2 * near || high - x - step < 2 * near) step = middle >= x ? near : -near;
    } else {
      before = (x >= middle ? low : high) - x;
      step = GOLDEN * before;
    }
    const u = x + (Math.abs(step) >= near ? step : step > 0 ? near : -near);
    const fu = f(u);
    if (fu <= fx) {
      if (u >= x) low = x;
      else high = x;
      [v, w, x] = [w, x, u];
      [fv, fw, fx] = [fw, fx, fu];
    } else {
      if (u < x) low = u;
      else high = u;
      if (fu <= fw || w === x) {
        [v, w] = [w, u];
        [fv, fw] = [fw, fu];
      } else if (fu <= fv || v === x || v === w) {
        v = u;
        fv = fu;
      }
    }
  }
  return x;
}

// Internal

/** Goes downhill in growing steps until the function rises again. */
function bracket(f: (x: number) => number, a: number, b: number) {
  let [from, at] = f(a) < f(b) ? [b, a] : [a, b];
  let value = f(at);
  let next = at + STRETCH * (at - from);
  for (let i = 0; i < MOST_STEPS; i++) {
    const ahead = f(next);
    if (!(ahead < value)) break;
    [from, at, value] = [at, next, ahead];
    next = at + STRETCH * (at - from);
  }
  return { low: Math.min(from, next), middle: at, high: Math.max(from, next) };
}

/** The step from the first place to the lowest point of the parabola through three. */
function parabola([x, w, v]: readonly number[], [fx, fw, fv]: readonly number[]): number {
  const r = (x - w) * (fx - fv);
  const q = (x - v) * (fx - fw);
  return ((x - w) * r - (x - v) * q) / (2 * (q - r));
}
