// Every way in which keeping things can fail, as codes. The service side maps them to its own error table; nothing
// else in the product needs to know what PGlite, PostgreSQL or the file system said.

/** What went wrong with persistence; each code has one cure, said in the message. */
export type StoreErrorCode =
  | "HOME_LOCKED"
  | "HOME_NOT_WRITABLE"
  | "HOME_NOT_A_FOLDER"
  | "HOME_DAMAGED"
  | "HOME_FOREIGN"
  | "NOT_EMPTY"
  | "DISK_FULL"
  | "DATABASE_UNREACHABLE"
  | "DATABASE_FAILED"
  | "DATABASE_NEWER"
  | "MIGRATION_FAILED"
  | "CONFLICT"
  | "MISUSE";

/** A failure of the store, the queue or the blobs, with a code to act on and a message that says the cure. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
  readonly code: StoreErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: ErrorOptions & { detail?: Record<string, unknown> } = {},
  ) {
    super(message, options);
    this.code = code;
    this.detail = options.detail ?? {};
  }
}

/** A row that must be unique is there already; `constraint` is the name of the database's constraint. */
export class StoreConflict extends StoreError {
  override readonly name = "StoreConflict";
  readonly constraint: string;

  constructor(constraint: string, options: ErrorOptions = {}) {
    super("CONFLICT", `A row that must be unique exists already (${constraint}).`, options);
    this.constraint = constraint;
  }
}

// SQLSTATE classes (PostgreSQL manual, appendix A) and errno names; both drivers carry them in `code`.
const UNIQUE_VIOLATION = "23505";
const DISK_FULL = new Set(["53100", "ENOSPC", "EDQUOT"]);
const NOT_WRITABLE = new Set(["EACCES", "EPERM", "EROFS"]);
const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ECONNRESET",
  "EPIPE",
  "EAI_AGAIN",
  "53300",
  "57P01",
  "57P02",
  "57P03",
  "57P05",
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
]);

/** The code an operating-system or database error carries, or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Turns what a driver or the file system threw into a StoreError where the cause is known, else returns it as it is. */
export function toStoreError(error: unknown, subject = "the store"): unknown {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (code === UNIQUE_VIOLATION) return new StoreConflict(constraintOf(error), { cause: error });
  if (DISK_FULL.has(code)) {
    return new StoreError(
      "DISK_FULL",
      `The disk is full: ${subject} could not be written. Free some space and try again.`,
      {
        cause: error,
      },
    );
  }
  if (NOT_WRITABLE.has(code)) {
    return new StoreError(
      "HOME_NOT_WRITABLE",
      `No permission to write ${subject} (${code}). Give this user write access or choose another home folder.`,
      { cause: error },
    );
  }
  return UNREACHABLE.has(code) ? unreachable(code, error) : error;
}

/** The database did not answer; `reason` in a word. */
export function unreachable(reason: string, cause: unknown): StoreError {
  const message = `The database cannot be reached (${reason}). Check DATABASE_URL and the server.`;
  return new StoreError("DATABASE_UNREACHABLE", message, { cause });
}

function constraintOf(error: unknown): string {
  const named = error as { constraint?: unknown };
  return typeof named.constraint === "string" ? named.constraint : "unknown";
}
