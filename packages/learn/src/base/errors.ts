// The library's four named conditions. Message grammar: "`alpha` of Ridge must be a number >= 0, got -1".

/** A parameter, column or value outside what its declaration allows. */
export class ParamError extends Error {
  override readonly name = "ParamError";
  readonly field: string;

  constructor(field: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** Rows, columns or classes that do not fit together. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** `predict`, `transform` or `save` before `fit`. */
export class NotFittedError extends Error {
  override readonly name = "NotFittedError";
}

/** Optimisation that ended without converging, or diverged; `reason` says why and what to do. */
export class ConvergenceWarning extends Error {
  override readonly name = "ConvergenceWarning";
}
