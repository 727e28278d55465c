// Eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to tridiagonal form, then QL iterations with
// implicit shifts (Bowdler, Martin, Reinsch & Wilkinson 1968, the procedures tred2 and tql2 of EISPACK).

/** Eigenvalues, largest first, and the eigenvector of value k in row k. */
export interface Eigen {
  readonly values: Float64Array;
  /** size × size, row-major. */
  readonly vectors: Float64Array;
}

/** Decomposes a symmetric matrix of `size` × `size`, row-major, which is not changed. */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const v = matrix.slice();
  const d = new Float64Array(size);
  const e = new Float64Array(size);
  if (size > 0) {
    tridiagonalise(v, d, e);
    transpose(v, size);
    iterate(v, d, e);
  }
  const order = [...d.keys()].sort((a, b) => d[b] - d[a] || a - b);
  const vectors = new Float64Array(size * size);
  for (const [to, from] of order.entries()) vectors.set(v.subarray(from * size, (from + 1) * size), to * size);
  return { values: Float64Array.from(order, (k) => d[k]), vectors };
}

// Internal

/** Leaves the diagonal in `d`, the other diagonal in `e[1..]`, and the product of reflections in `v`. */
function tridiagonalise(v: Float64Array, d: Float64Array, e: Float64Array): void {
  const n = d.length;
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j];
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    let h = 0;
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = 0;
        v[j * n + i] = 0;
      }
    } else {
      h = reflect(v, d, e, i, scale);
    }
    d[i] = h;
  }
  accumulate(v, d);
  e[0] = 0;
}

/** Makes and applies the reflection that clears row `i` left of its neighbour; gives back half its squared length. */
function reflect(v: Float64Array, d: Float64Array, e: Float64Array, i: number, scale: number): number {
  const n = d.length;
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k] /= scale;
    h += d[k] * d[k];
  }
  const f = d[i - 1];
  const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  d[i - 1] = f - g;
  for (let j = 0; j < i; j++) e[j] = 0;
  for (let j = 0; j < i; j++) {
    v[j * n + i] = d[j];
    let sum = e[j] + v[j * n + j] * d[j];
    for (let k = j + 1; k < i; k++) {
      sum += v[k * n + j] * d[k];
      e[k] += v[k * n + j] * d[j];
    }
    e[j] = sum;
  }
  let dot = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    dot += e[j] * d[j];
  }
  const half = dot / (h + h);
  for (let j = 0; j < i; j++) e[j] -= half * d[j];
  for (let j = 0; j < i; j++) {
    for (let k = j; k < i; k++) v[k * n + j] -= d[j] * e[k] + e[j] * d[k];
    d[j] = v[(i - 1) * n + j];
    v[i * n + j] = 0;
  }
  return h;
}

/** Multiplies the reflections into `v`. */
function accumulate(v: Float64Array, d: Float64Array): void {
  const n = d.length;
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i];
    v[i * n + i] = 1;
    const h = d[i + 1];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1] * v[k * n + j];
        for (let k = 0; k <= i; k++) v[k * n + j] -= g * d[k];
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j];
    v[(n - 1) * n + j] = 0;
  }
  v[n * n - 1] = 1;
}

/** QL iterations: `d` becomes the eigenvalues, the rows of `v` their vectors. */
function iterate(v: Float64Array, d: Float64Array, e: Float64Array): void {
  const n = d.length;
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let [f, largest] = [0, 0];
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * largest) m++;
    // Each eigenvalue needs about two rounds; far more than that means numbers that are not finite.
    for (let round = 0; m > l && round < 100 && !(round > 0 && Math.abs(e[l]) <= Number.EPSILON * largest); round++) {
      f += shiftedSweep(v, d, e, l, m);
    }
    d[l] += f;
    e[l] = 0;
  }
}

/** One implicit QL sweep over rows `l` to `m`; gives back the shift taken off the diagonal. */
function shiftedSweep(v: Float64Array, d: Float64Array, e: Float64Array, l: number, m: number): number {
  const n = d.length;
  const g0 = d[l];
  const p0 = (d[l + 1] - g0) / (2 * e[l]);
  const r0 = p0 < 0 ? -Math.hypot(p0, 1) : Math.hypot(p0, 1);
  d[l] = e[l] / (p0 + r0);
  d[l + 1] = e[l] * (p0 + r0);
  const after = d[l + 1];
  const h0 = g0 - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= h0;
  let p = d[m];
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
  const next = e[l + 1];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i];
    const h = c * p;
    const r = Math.hypot(p, e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    rotate(v, n, i, c, s);
  }
  p = (-s * s2 * c3 * next * e[l]) / after;
  e[l] = s * p;
  d[l] = c * p;
  return h0;
}

function rotate(v: Float64Array, n: number, i: number, c: number, s: number): void {
  const last = (i + 1) * n;
  for (let k = i * n; k < last; k++) {
    const h = v[k + n];
    v[k + n] = s * v[k] + c * h;
    v[k] = c * v[k] - s * h;
  }
}

function transpose(v: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const kept = v[i * n + j];
      v[i * n + j] = v[j * n + i];
      v[j * n + i] = kept;
    }
  }
}
