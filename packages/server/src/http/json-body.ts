// Reads a JSON body. What could harm the code behind is refused here: keys that reach an object's prototype, and depth
// that no request has but that recursion would choke on.
import { ApiError } from "@massif/api";

/** The deepest request of the contract nests five levels. */
const MOST_DEPTH = 32;

/** The value of a JSON text; throws INVALID_JSON with the place. */
export function parseJsonBody(text: string): unknown {
  let value: unknown;
  try {
    // A byte order mark is not JSON, but some editors put one there.
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError("INVALID_JSON", `the body is not valid JSON: ${reason.slice(0, MAX_REASON)}`, { cause });
  }
  check(value);
  return value;
}

// Internal

const MAX_REASON = 200;

function check(root: unknown): void {
  let level = [root].filter(isContainer);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= MOST_DEPTH)
      throw new ApiError("INVALID_JSON", `the body is nested more than ${MOST_DEPTH} levels deep`);
    const next: object[] = [];
    for (const container of level) {
      if (!Array.isArray(container)) checkKeys(container);
      for (const item of Object.values(container)) if (isContainer(item)) next.push(item);
    }
    level = next;
  }
}

function checkKeys(container: object): void {
  if (Object.hasOwn(container, "__proto__")) throw forbidden("__proto__");
  // A column may well be called "constructor"; only one with a prototype inside is an attempt at something.
  const { constructor: own } = container as { constructor: unknown };
  if (Object.hasOwn(container, "constructor") && isContainer(own) && Object.hasOwn(own, "prototype")) {
    throw forbidden("constructor.prototype");
  }
}

function forbidden(key: string): ApiError {
  return new ApiError("INVALID_JSON", `the body has the key "${key}", which is not allowed`);
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
