// Classes of later rows in the coding of those a model knows.
import { ParamError } from "./errors.ts";
import type { ClassTarget } from "./table.ts";

/** The target with its codes counting in `classes`. Throws ParamError when a row has a class that is not among them. */
export function knownClasses(target: ClassTarget, classes: readonly string[], owner: string): ClassTarget {
  const index = new Map(classes.map((name, code) => [name, code]));
  const codeOf = Int32Array.from(target.classes, (name) => index.get(name) ?? -1);
  const codes = target.codes.map((code) => codeOf[code] ?? -1);
  const unknown = codes.indexOf(-1);
  if (unknown < 0) return { ...target, codes, classes };
  const name = target.classes[target.codes[unknown]];
  const problem = `${owner} was fitted without the class "${name}" of "${target.name}"; fit it to all rows again`;
  throw new ParamError("target", problem);
}
