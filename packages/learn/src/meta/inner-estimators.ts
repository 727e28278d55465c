// The estimators that another one is made of, as its parameters name them. Which there are is the catalogue's to say, so it
// gives the factory: families do not import one another.
import type { Estimator, Task } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { inOwnersWords, type Naming, parseInnerParams } from "../base/inner-params.ts";

/** Makes the estimator of that name with these parameters; throws ParamError. */
export type Create = (type: string, params: Readonly<Record<string, unknown>>) => Estimator;

/** An estimator by its name and the texts `name=value` of its parameters. */
export interface Named {
  readonly name: string;
  readonly params: readonly string[];
}

/** For whom, for which task and by what an inner estimator is made. */
export interface Making extends Naming {
  readonly task: Task;
  readonly create: Create;
}

/** A new estimator. Throws ParamError in the words of the owner's parameters, also for one of another task. */
export function makeInner({ name, params }: Named, making: Making): Estimator {
  const { owner, field, task, create } = making;
  const given = parseInnerParams(params, making);
  const estimator = inOwnersWords(making, () => create(name, given));
  if (estimator.spec.task === task) return estimator;
  const problem = `\`${field}\` of ${owner}: ${estimator.spec.name} is for ${estimator.spec.task}, not for ${task}`;
  throw new ParamError(field, problem);
}

/** What `makeParts` reads. */
export const PARTS_DOC =
  "The parts, each as its name in the catalogue and its parameters: `Ridge` or `Ridge alpha=0.1`.";

/** New estimators, each named by a text "Name" or "Name param=value param=value". Throws ParamError, also for none. */
export function makeParts(texts: readonly string[], making: Making): Estimator[] {
  if (texts.length > 0) return texts.map((text) => makeInner(readNamed(text), making));
  throw new ParamError(making.field, `\`${making.field}\` of ${making.owner} must name at least one estimator`);
}

// Internal

/** A value may hold blanks that no `word=` follows. */
function readNamed(text: string): Named {
  const [name, ...params] = text.trim().split(/\s+(?=[A-Za-z]\w*=)/);
  return { name, params };
}
