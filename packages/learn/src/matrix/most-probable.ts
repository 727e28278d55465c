// From probabilities to classes, and from distances to clusters.

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

/** The number of each row's smallest distance (rows x clusters, row-major), the first of equals. */
export function nearest(distances: Float64Array, clusters: number): Int32Array {
  const codes = new Int32Array(distances.length / clusters);
  for (let i = 0; i < codes.length; i++) {
    const base = i * clusters;
    let best = 0;
    for (let k = 1; k < clusters; k++) if (distances[base + k] < distances[base + best]) best = k;
    codes[i] = best;
  }
  return codes;
}
