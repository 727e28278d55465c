// From probabilities to classes.

/** The code of each row's largest probability (rows x classes, row-major), the first of equals. */
export function mostProbable(probabilities: Float64Array, classes: number): Int32Array {
  const codes = new Int32Array(probabilities.length / classes);
  for (let i = 0; i < codes.length; i++) {
    const base = i * classes;
    let best = 0;
    for (let k = 1; k < classes; k++) if (probabilities[base + k] > probabilities[base + best]) best = k;
    codes[i] = best;
  }
  return codes;
}
