// The normal distribution's mass between two points, in logarithms so that far tails do not vanish.

const INV_SQRT_TWO_PI = 0.3989422804014327;
/** The logarithm of what the normal density is divided by. */
export const LOG_SQRT_TWO_PI = 0.9189385332046728;

// Rational Chebyshev approximations of the normal integral, about 1e-16: W. J. Cody 1969, Mathematics of Computation
// 23, 631-637; the numbers are those of ANORM in his public-domain SPECFUN (netlib.org/specfun).
const CENTRE_P = [2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356];
const CENTRE_P4 = 0.06568233791820745;
const CENTRE_Q = [47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673];
const MIDDLE_P = [
  0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002, 2494.5375852903726, 6848.190450536283,
  11602.65143764735, 9842.714838383978,
];
const MIDDLE_P8 = 1.0765576773720192e-8;
const MIDDLE_Q = [
  22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097, 34900.95272114598,
  38912.00328609327, 19685.429676859992,
];
const TAIL_P = [0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934];
const TAIL_P4 = 0.000029112874951168793;
const TAIL_P5 = 0.023073441764940174;
const TAIL_Q = [1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824];
const TAIL_Q4 = 0.00007297515550839662;

const CENTRE_END = 0.67448975;
const MIDDLE_END = Math.sqrt(32);

/** The logarithm of the mass of the standard normal distribution in [a, b], a < b; -Infinity where there is none. */
export function logNormalMass(a: number, b: number): number {
  if (a > 0) return logTailDifference(-a, -b);
  if (b < 0) return logTailDifference(b, a);
  // Zero lies between: the two halves of the mass are added, so nothing cancels.
  return Math.log(halfMass(-a) + halfMass(b));
}

// Internal

// log(Phi(near) - Phi(far)) for far < near <= 0.
function logTailDifference(near: number, far: number): number {
  if (-near <= CENTRE_END) return Math.log(halfMass(-far) - halfMass(-near));
  const logNear = logTail(-near);
  return logNear + Math.log1p(-Math.exp(logTail(-far) - logNear));
}

/** Phi(y) - 1/2 for y >= 0. */
function halfMass(y: number): number {
  if (y > CENTRE_END) return 0.5 - Math.exp(-0.5 * y * y) * scaledTail(y);
  const square = y * y;
  let p = CENTRE_P4 * square;
  let q = square;
  for (let i = 0; i < 3; i++) {
    p = (p + CENTRE_P[i]) * square;
    q = (q + CENTRE_Q[i]) * square;
  }
  return (y * (p + CENTRE_P[3])) / (q + CENTRE_Q[3]);
}

/** log Phi(-y) for y > CENTRE_END. */
function logTail(y: number): number {
  return y === Infinity ? -Infinity : -0.5 * y * y + Math.log(scaledTail(y));
}

/** Phi(-y) exp(y^2 / 2) for y > CENTRE_END. */
function scaledTail(y: number): number {
  if (y > MIDDLE_END) return farTail(y);
  let p = MIDDLE_P8 * y;
  let q = y;
  for (let i = 0; i < 7; i++) {
    p = (p + MIDDLE_P[i]) * y;
    q = (q + MIDDLE_Q[i]) * y;
  }
  return (p + MIDDLE_P[7]) / (q + MIDDLE_Q[7]);
}

function farTail(y: number): number {
  const inverse = 1 / (y * y);
  let p = TAIL_P5 * inverse;
  let q = inverse;
  for (let i = 0; i < 4; i++) {
    p = (p + TAIL_P[i]) * inverse;
    q = (q + TAIL_Q[i]) * inverse;
  }
  return (INV_SQRT_TWO_PI - (inverse * (p + TAIL_P4)) / (q + TAIL_Q4)) / y;
}
