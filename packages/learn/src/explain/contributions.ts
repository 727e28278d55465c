// What every explanation of a prediction gives, however it is computed.

/** What each column adds to what a model says of each row. */
export interface Contributions {
  readonly columns: readonly string[];
  /** The classes whose scores are explained (of two, the second alone); null: the number itself. */
  readonly outputs: readonly string[] | null;
  /**
   * In what units: the number, its natural logarithm, the probability of the class, or its score (of two classes, the
   * log-odds of the second).
   */
  readonly unit: "number" | "logarithm" | "probability" | "score";
  /** What is said when nothing is known of a row: one number per output. */
  readonly expected: Float64Array;
  /** Rows × outputs × columns; those of a row and output, with the expected value, sum to what the model says. */
  readonly values: Float64Array;
}
