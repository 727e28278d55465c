// Predictions and targets of rows that come in parts, as if they had come at once.
import type { Prediction, Target } from "@massif/learn";

/** Gathers up to `rows` rows. */
export class PredictionBuilder {
  readonly #rows: number;
  #filled = 0;
  #values: Float64Array | undefined;
  #codes: Int32Array | undefined;
  #classes: readonly string[] = [];
  #name = "";

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** Adds a part's predictions, which are of the same kind and classes in every part. */
  add(part: Prediction): void {
    if (part.kind === "cluster") throw new Error("clusters are not gathered from parts");
    if (part.kind === "number") {
      this.#values ??= new Float64Array(this.#rows);
      this.#values.set(part.values, this.#filled);
      this.#filled += part.values.length;
      return;
    }
    this.#classes = part.classes;
    this.#codes ??= new Int32Array(this.#rows);
    this.#values ??= new Float64Array(this.#rows * part.classes.length);
    this.#codes.set(part.codes, this.#filled);
    this.#values.set(part.probabilities, this.#filled * part.classes.length);
    this.#filled += part.codes.length;
  }

  /** Adds a part's targets. */
  addTarget(part: Target): void {
    this.#name = part.name;
    if (part.kind === "number") {
      this.add({ kind: "number", values: part.values });
      return;
    }
    this.#classes = part.classes;
    this.#codes ??= new Int32Array(this.#rows);
    this.#codes.set(part.codes, this.#filled);
    this.#filled += part.codes.length;
  }

  prediction(): Prediction {
    const values = this.#values ?? new Float64Array(0);
    if (this.#codes === undefined) return { kind: "number", values };
    return { kind: "class", classes: this.#classes, codes: this.#codes, probabilities: values };
  }

  target(): Target {
    if (this.#codes === undefined)
      return { kind: "number", name: this.#name, values: this.#values ?? new Float64Array(0) };
    return { kind: "class", name: this.#name, classes: this.#classes, codes: this.#codes };
  }
}
