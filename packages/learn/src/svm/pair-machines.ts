// One machine for each pair of classes, over the support vectors of all of them; each votes for one of its two.
import type { KernelRuntime } from "@massif/kernels";
import { fitMachine, type MachineTask } from "./fit-machine.ts";
import type { KernelMachine } from "./smo.ts";
import type { SupportVectors } from "./support-vectors.ts";

/** What is learned of which rows. */
export interface PairTask extends MachineTask {
  readonly codes: Int32Array;
  readonly classes: number;
  /** Most weight of each row. */
  readonly limits: Float64Array;
  readonly rows: Int32Array;
}

/** Machines of the pairs (0, 1), (0, 2), …, (1, 2), …; a positive value speaks for the first class of a pair. */
export interface PairMachines extends SupportVectors {
  /** With two classes, the machine's values at the rows it was fitted to. */
  readonly own?: Float64Array;
  readonly converged: boolean;
}

/** Learns all pairs; `onPair` is awaited after each. */
export async function learnPairs(
  task: PairTask,
  runtime: KernelRuntime,
  onPair: () => Promise<void>,
): Promise<PairMachines> {
  const { columns, codes, classes, rows, kernel } = task;
  const found: { rows: Int32Array; machine: KernelMachine }[] = [];
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++) {
      const own = rows.filter((row) => codes[row] === a || codes[row] === b);
      const signs = Int8Array.from(own, (row) => (codes[row] === a ? 1 : -1));
      found.push({ rows: own, machine: learnPair(task, runtime, { rows: own, signs }) });
      await onPair();
    }
  }
  const support = new Map<number, number>();
  for (const { rows: own, machine } of found) {
    own.forEach((row, t) => {
      if (machine.betas[t] !== 0 && !support.has(row)) support.set(row, support.size);
    });
  }
  const vectors = new Float64Array(support.size * columns.length);
  for (const [row, s] of support) {
    for (let j = 0; j < columns.length; j++) vectors[s * columns.length + j] = columns[j][row];
  }
  const betas = new Float64Array(found.length * support.size);
  found.forEach(({ rows: own, machine }, pair) => {
    own.forEach((row, t) => {
      const s = support.get(row);
      if (s !== undefined) betas[pair * support.size + s] = machine.betas[t];
    });
  });
  return {
    kernel,
    features: columns.length,
    vectors,
    betas,
    biases: Float64Array.from(found, ({ machine }) => machine.bias),
    ...(found.length === 1 ? { own: found[0].machine.values } : {}),
    converged: found.every(({ machine }) => machine.converged),
  };
}

/**
 * A function from the values of the pairs' machines to a score per class: with two classes the machine's value against 0;
 * with more the votes, and by less than a vote the sum of the values, as scikit-learn's one-against-rest scores of pairs.
 */
export function scoresOfValues(pairs: number): (values: Float64Array, out: Float64Array) => void {
  const classes = (1 + Math.sqrt(1 + 8 * pairs)) / 2;
  const confidence = new Float64Array(classes);
  return (values, out) => {
    out.fill(0);
    if (classes === 2) {
      out[0] = values[0];
      return;
    }
    confidence.fill(0);
    for (let a = 0, pair = 0; a < classes; a++) {
      for (let b = a + 1; b < classes; b++, pair++) {
        out[values[pair] > 0 ? a : b] += 1;
        confidence[a] += values[pair];
        confidence[b] -= values[pair];
      }
    }
    for (let k = 0; k < classes; k++) out[k] += confidence[k] / (3 * (Math.abs(confidence[k]) + 1));
  };
}

// Internal

function learnPair(
  task: PairTask,
  runtime: KernelRuntime,
  pair: { rows: Int32Array; signs: Int8Array },
): KernelMachine {
  const { rows, signs } = pair;
  // A class alone has nothing to be told from: it always wins; two absent ones never vote for one another's harm.
  const isPart = signs.includes(1) && signs.includes(-1);
  if (!isPart) {
    const bias = signs.length === 0 ? 0 : signs[0];
    const [betas, values] = [new Float64Array(rows.length), new Float64Array(rows.length).fill(bias)];
    return { betas, bias, values, converged: true };
  }
  const columns = task.columns.map((values) => Float64Array.from(rows, (row) => values[row]));
  const limits = Float64Array.from(rows, (row) => task.limits[row]);
  return fitMachine(
    runtime,
    { ...task, columns },
    {
      linear: Float64Array.from(signs),
      low: limits.map((limit, i) => (signs[i] > 0 ? 0 : -limit)),
      high: limits.map((limit, i) => (signs[i] > 0 ? limit : 0)),
      epsilon: 0,
    },
  );
}
