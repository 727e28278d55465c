// The library's two named conditions. Message grammar: "`max` of `depth` must be >= `min` (3), got 2; swap them".

/** A search space that cannot be searched, or parameters outside it; `field` is the path of what is wrong. */
export class SpaceError extends Error {
  override readonly name = "SpaceError";
  readonly field: string;

  constructor(field: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** What a StudyError is about, for programs. */
export type StudyErrorCode =
  | "bad-option"
  | "bad-report"
  | "bad-result"
  | "unknown-trial"
  | "finished-trial"
  | "bad-snapshot";

/** A call that does not fit the study's settings or the state of a trial; `field` is the path of what is wrong. */
export class StudyError extends Error {
  override readonly name = "StudyError";
  readonly code: StudyErrorCode;
  readonly field: string;

  constructor(code: StudyErrorCode, field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** A value in words short enough for a message. */
export function inWords(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") return `a ${typeof value}`;
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    return "a value that is not JSON";
  }
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
