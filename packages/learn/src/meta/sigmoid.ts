// Scores to probabilities by a logistic curve (Platt 1999), fitted by Newton's method as Lin, Lin & Weng (2007), A Note on
// Platt's Probabilistic Outputs, lay down: with targets short of 0 and 1, so that separable scores have a minimum too.

/** P(score) = 1 / (1 + exp(slope score + offset)). */
export interface Sigmoid {
  readonly slope: number;
  readonly offset: number;
}

interface Scores {
  readonly scores: Float64Array;
  /** 1 where the row is of the class, else 0. */
  readonly isOwn: Float64Array;
  /** How much each row counts; absent: all alike. */
  readonly weights?: Float64Array;
}

const MAX_STEPS = 100;
const MAX_HALVINGS = 40;
/** Of the total weight: the gradient at which the search ends. */
const ENOUGH = 1e-12;
/** Keeps the system solvable where all scores are alike. */
const RIDGE = 1e-12;

/** The curve of least log loss. */
export function fitSigmoid(given: Scores): Sigmoid {
  const largest = given.scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
  const scale = largest > 0 ? largest : 1;
  const scores = given.scores.map((score) => score / scale);
  const { targets, start, total } = targetsOf(given);
  const at = (slope: number, offset: number) => lossAt({ scores, targets, weights: given.weights }, { slope, offset });
  let point = at(0, start);
  for (let step = 0; step < MAX_STEPS; step++) {
    if (Math.max(Math.abs(point.bySlope), Math.abs(point.byOffset)) <= ENOUGH * total) break;
    const next = stepFrom(point, at);
    if (next === undefined) break;
    point = next;
  }
  return { slope: point.slope / scale, offset: point.offset };
}

/** The probability of a score, without overflow. */
export function sigmoidAt({ slope, offset }: Sigmoid, score: number): number {
  const power = slope * score + offset;
  if (power < 0) return 1 / (1 + Math.exp(power));
  const small = Math.exp(-power);
  return small / (1 + small);
}

// Internal

interface Point extends Sigmoid {
  readonly loss: number;
  readonly bySlope: number;
  readonly byOffset: number;
  /** Second derivatives: slope², slope × offset, offset². */
  readonly curvature: readonly [number, number, number];
}

/** Platt's targets, and the offset of the curve that knows only how common the class is. */
function targetsOf({ isOwn, weights }: Scores) {
  let [own, others] = [0, 0];
  isOwn.forEach((one, row) => {
    if (one > 0) own += weights?.[row] ?? 1;
    else others += weights?.[row] ?? 1;
  });
  const [high, low] = [(own + 1) / (own + 2), 1 / (others + 2)];
  const targets = isOwn.map((one) => (one > 0 ? high : low));
  return { targets, start: Math.log((others + 1) / (own + 1)), total: own + others };
}

function lossAt(
  { scores, targets, weights }: { scores: Float64Array; targets: Float64Array; weights: Float64Array | undefined },
  sigmoid: Sigmoid,
): Point {
  let [loss, bySlope, byOffset, a, b, c] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row];
    const weight = weights?.[row] ?? 1;
    const power = sigmoid.slope * score + sigmoid.offset;
    const share = sigmoidAt(sigmoid, score);
    // ln(1 + e^-|power|) plus what is linear: no overflow, no cancellation.
    const linear = power >= 0 ? targets[row] * power : (targets[row] - 1) * power;
    loss += weight * (linear + Math.log1p(Math.exp(-Math.abs(power))));
    const slope = weight * (targets[row] - share);
    bySlope += slope * score;
    byOffset += slope;
    const bend = weight * share * (1 - share);
    a += bend * score * score;
    b += bend * score;
    c += bend;
  }
  return { ...sigmoid, loss, bySlope, byOffset, curvature: [a + RIDGE, b, c + RIDGE] };
}

/** Newton's step, halved until the loss falls; undefined where it no longer does. */
function stepFrom(point: Point, at: (slope: number, offset: number) => Point): Point | undefined {
  const { bySlope, byOffset, curvature } = point;
  const [a, b, c] = curvature;
  const determinant = a * c - b * b;
  const slope = -(c * bySlope - b * byOffset) / determinant;
  const offset = -(a * byOffset - b * bySlope) / determinant;
  for (let halving = 0, share = 1; halving < MAX_HALVINGS; halving++, share /= 2) {
    const next = at(point.slope + share * slope, point.offset + share * offset);
    if (next.loss < point.loss) return next;
  }
  return undefined;
}
