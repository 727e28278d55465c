// A numeric parameter as an interval of reals on which closeness means the same everywhere: the logarithm for log
// scales; for discrete parameters half a step more at both ends, so that each value owns one cell of equal rank.
// The borders are those of Optuna's documented Parzen estimator.
import type { FloatParameter, IntParameter } from "./parameter.ts";

/** Maps the values of one numeric parameter to coordinates in [low, high] and back. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  /** Whether only some coordinates stand for a value; then `cell` gives the borders around one. */
  readonly discrete: boolean;
  encode(value: number): number;
  /** The value nearest to a coordinate, always inside the parameter's range. */
  decode(coordinate: number): number;
  /** The borders of the coordinates that decode to `value`. */
  cell(value: number): readonly [number, number];
  /** How many values there are; Infinity where it is not discrete. */
  readonly size: number;
}

/** The axis of a checked declaration. */
export function axisOf(parameter: FloatParameter | IntParameter): Axis {
  if (parameter.type === "int") return parameter.log ? logInt(parameter) : linearInt(parameter);
  if (parameter.step !== undefined) return stepped(parameter, parameter.step);
  return parameter.log ? logFloat(parameter) : linearFloat(parameter);
}

// Internal

function linearFloat({ min, max }: FloatParameter): Axis {
  const same = (x: number) => x;
  return continuous({ low: min, high: max, encode: same, decode: (x) => clamp(x, min, max) });
}

function logFloat({ min, max }: FloatParameter): Axis {
  const [low, high] = [Math.log(min), Math.log(max)];
  // exp(log(min)) need not be min.
  const decode = (x: number) => (x <= low ? min : x >= high ? max : clamp(Math.exp(x), min, max));
  return continuous({ low, high, encode: Math.log, decode });
}

function continuous(axis: Pick<Axis, "low" | "high" | "encode" | "decode">): Axis {
  return { ...axis, discrete: false, size: axis.low === axis.high ? 1 : Infinity, cell: (x) => [x, x] };
}

function linearInt({ min, max }: IntParameter): Axis {
  return {
    low: min - 0.5,
    high: max + 0.5,
    discrete: true,
    size: max - min + 1,
    encode: (value) => value,
    // Adding 0 makes 0 of -0, which JSON does not know.
    decode: (x) => clamp(Math.round(x) + 0, min, max),
    cell: (value) => [value - 0.5, value + 0.5],
  };
}

function logInt({ min, max }: IntParameter): Axis {
  return {
    low: Math.log(min - 0.5),
    high: Math.log(max + 0.5),
    discrete: true,
    size: max - min + 1,
    encode: Math.log,
    decode: (x) => clamp(Math.round(Math.exp(x)), min, max),
    cell: (value) => [Math.log(value - 0.5), Math.log(value + 0.5)],
  };
}

// Coordinates are the index of the step: the range of steps is exact where sums of steps are not.
function stepped({ min, max }: FloatParameter, step: number): Axis {
  const last = stepsBetween(min, max, step);
  const index = (value: number) => clamp(Math.round((value - min) / step), 0, last);
  return {
    low: -0.5,
    high: last + 0.5,
    discrete: true,
    size: last + 1,
    encode: index,
    decode: (x) => clamp(withoutDrift(min + clamp(Math.round(x), 0, last) * step), min, max),
    cell: (value) => [index(value) - 0.5, index(value) + 0.5],
  };
}

/** How many whole steps fit between min and max, forgiving the rounding of decimal fractions. */
export function stepsBetween(min: number, max: number, step: number): number {
  return Math.floor((max - min) / step + 1e-9);
}

/** The value without rounding errors of the last digit: 0.1 * 3 is 0.30000000000000004, 15 digits a double always has. */
export function withoutDrift(value: number): number {
  return Number(value.toPrecision(15));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
