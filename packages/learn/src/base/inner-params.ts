// Estimators that are named by parameters of others: how their own parameters are written, and in whose words they fail.
import { ParamError } from "./errors.ts";

/** Who names an inner estimator, and by which of its parameters. */
export interface Naming {
  readonly owner: string;
  /** The parameter that holds the name. */
  readonly field: string;
  /** The parameter that holds the inner one's parameters; it may be the same. */
  readonly paramsField: string;
}

/** Runs `make`; errors of the inner estimator become errors of the parameters that name it. */
export function inOwnersWords<T>({ owner, field, paramsField }: Naming, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    const named = error.field === "type" ? field : paramsField;
    throw new ParamError(named, `\`${named}\` of ${owner}: ${error.message}`, { cause: error });
  }
}

/** Texts `name=value`, with the value in JSON or a bare word, as parameters. Throws ParamError naming `field`. */
export function parseInnerParams(
  given: readonly string[],
  { owner, paramsField: field }: Naming,
): Record<string, unknown> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new ParamError(field, `\`${field}\` of ${owner} must be name=value, got "${text}"`);
      const value = text.slice(at + 1);
      try {
        return [text.slice(0, at), JSON.parse(value) as unknown];
      } catch {
        // A word without quotes is meant as a text.
        return [text.slice(0, at), value];
      }
    }),
  );
}
