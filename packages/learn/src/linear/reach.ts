// How large the products of columns with a residual can have become since they were last taken. By Cauchy and Schwarz a
// product changes by no more than the column's length times the way that the residual has gone.

export class Reach {
  readonly #lengths: Float64Array;
  /** The products as last taken, and what way the residual had gone then. */
  readonly #products: Float64Array;
  readonly #when: Float64Array;
  #way = 0;

  /** `squares`: sums of squares of the columns. */
  constructor(squares: Float64Array) {
    this.#lengths = squares.map(Math.sqrt);
    this.#products = new Float64Array(squares.length);
    this.#when = new Float64Array(squares.length);
  }

  /** All products are taken. */
  start(products: Float64Array): void {
    this.#products.set(products);
    this.#when.fill(this.#way);
  }

  /** The residual went so far. */
  move(way: number): void {
    this.#way += way;
  }

  /** The products of some columns are taken. */
  set(columns: Uint32Array, products: Float64Array): void {
    for (let k = 0; k < columns.length; k++) {
      this.#products[columns[k]] = products[k];
      this.#when[columns[k]] = this.#way;
    }
  }

  /** The most that the product of column `j` can be without its sign; what it is, where just taken. */
  most(j: number): number {
    return Math.abs(this.#products[j]) + this.#lengths[j] * (this.#way - this.#when[j]);
  }

  /** The products of `columns`, or the most they can be. */
  correlations(columns: Uint32Array): Float64Array {
    const out = new Float64Array(this.#products.length);
    for (let i = 0; i < columns.length; i++) {
      const j = columns[i];
      out[j] = this.#when[j] === this.#way ? this.#products[j] : this.most(j);
    }
    return out;
  }
}
