// The one table of errors a user can meet: code, HTTP status, CLI exit code and the cure. Messages name the field and
// the value; the cure is the general advice that documentation and `massif` print under it.

/** What went wrong, in one stable word. */
export type ErrorCode = keyof typeof ERRORS;

export interface ErrorEntry {
  readonly status: number;
  /** Exit code of the CLI: 1 failure of the work, 2 wrong input, 3 no server or no permission. */
  readonly exit: 1 | 2 | 3;
  readonly doc: string;
  readonly cure: string;
}

export const ERRORS = {
  INVALID_REQUEST: entry(
    400,
    2,
    "A parameter, header or body field is not what the route takes.",
    "Correct the named field; the API reference at /docs lists what each route takes.",
  ),
  INVALID_JSON: entry(
    400,
    2,
    "The body is not valid JSON.",
    "Send JSON with the header `content-type: application/json`.",
  ),
  INVALID_ROWS: entry(
    422,
    2,
    "Rows do not fit the model's input schema.",
    "Correct the named columns; `massif endpoints show NAME` prints the schema.",
  ),
  INVALID_PIPELINE: entry(
    422,
    2,
    "A pipeline names an unknown component or gives it an impossible parameter.",
    "`massif train --help` lists estimators, with `--estimator NAME` the parameters of one.",
  ),
  INVALID_POLICY: entry(
    422,
    2,
    "A retraining policy makes no sense.",
    "Correct the named field; `massif policies set --help` shows what a policy may say.",
  ),
  INVALID_SPACE: entry(
    422,
    2,
    "A search space cannot be searched.",
    "Correct the named field; `massif tune --help` shows spaces and what they may hold.",
  ),
  MPI_MISSING: entry(
    422,
    1,
    "Training on ranks needs an MPI library and `mpirun`, and this machine has none.",
    "Install Open MPI on every host: `apt-get install openmpi-bin libopenmpi3`, `dnf install openmpi` or `brew install open-mpi`.",
  ),
  HOST_UNREACHABLE: entry(
    422,
    2,
    "A host of the hosts file has no address or answers no ssh.",
    "Correct the hosts file, or start the machine; `ssh HOST true` must work without a password.",
  ),
  RANKS_NOT_STARTED: entry(
    422,
    1,
    "`mpirun` could not start all ranks.",
    "Run the `mpirun` of the message by hand; every host needs the same paths to Node, Massif and its home.",
  ),
  INVALID_FILE: entry(
    422,
    2,
    "A file cannot be read as a table.",
    "Correct the file at the row and column named, or pass `--format`.",
  ),
  INVALID_MODEL: entry(
    422,
    2,
    "A model file cannot be read, cannot be run, or reaches outside itself.",
    "Export the model as one ONNX file with its weights inside and standard operators only.",
  ),
  NOT_EXPLAINABLE: entry(
    422,
    2,
    "What a model predicts cannot be split among its columns.",
    "Train a tree, forest or boosting, or a linear model with StandardScaler as the last step.",
  ),
  INVALID_TARGET: entry(
    422,
    2,
    "The target column is missing, constant or cannot be learned.",
    "`massif data show NAME` lists the columns; pick one with at least two different values.",
  ),
  INVALID_WEIGHTS: entry(
    422,
    2,
    "A column cannot be the weights of rows, or what is trained cannot weigh rows.",
    "Weights are a column of numbers from 0 on, one for every row with a target; the estimator reference says what weighs rows.",
  ),
  INVALID_SQL: entry(
    422,
    2,
    "A statement is not one read-only query, or fails to run.",
    "Send one SELECT; data sets are tables by their names.",
  ),
  UNAUTHENTICATED: entry(
    401,
    3,
    "The API key is missing, wrong or revoked.",
    "Send `authorization: Bearer KEY`; `massif keys create` makes a key.",
  ),
  FORBIDDEN: entry(
    403,
    3,
    "The key's role does not allow this.",
    "Use a key with the role the message names; `massif keys create --role ROLE` makes one.",
  ),
  NOT_FOUND: entry(
    404,
    2,
    "There is no such resource or route.",
    "List what exists: `massif data list`, `runs list`, `models list`, `endpoints list`.",
  ),
  CONFLICT: entry(
    409,
    2,
    "The name is taken, or the state does not allow this.",
    "Choose another name, or wait until the running work has ended.",
  ),
  ENDPOINT_STOPPED: entry(
    409,
    2,
    "The endpoint is stopped.",
    "Deploy it again: `massif deploy MODEL --endpoint NAME`.",
  ),
  TOO_LARGE: entry(
    413,
    2,
    "The body or file is over the limit.",
    "Send fewer rows at once, or raise the limit named in the message at start.",
  ),
  UNSUPPORTED_MEDIA_TYPE: entry(
    415,
    2,
    "The body's content type is not taken here.",
    "Send `application/json`, or `application/octet-stream` for uploads.",
  ),
  DIVERGED: entry(
    422,
    1,
    "Gradient descent diverged.",
    "Scale the columns (StandardScaler) or lower the learning rate below the limit named.",
  ),
  TRAINING_FAILED: entry(
    500,
    1,
    "Training ended with an error.",
    "`massif runs show ID` prints the reason and the log.",
  ),
  CANCELLED: entry(409, 1, "The work was stopped on request.", "Start it again when wanted."),
  INTERRUPTED: entry(
    500,
    1,
    "The process doing the work died, more often than may be retried.",
    "See the reason in the message; start the run again.",
  ),
  TIMEOUT: entry(
    408,
    1,
    "The work took longer than its limit.",
    "Ask for less at once, or raise the limit named in the message.",
  ),
  BUDGET_EXCEEDED: entry(
    402,
    3,
    "The monthly budget of the key or of its project is used up.",
    "`massif budget` shows what was spent; an admin raises the limit with `massif budget set`.",
  ),
  RATE_LIMITED: entry(
    429,
    3,
    "The key has made as many requests in this minute as it may.",
    "Retry after the seconds in `retry-after`; an admin changes the limit with `massif keys limit`.",
  ),
  OVERLOADED: entry(503, 1, "Too much work is waiting.", "Retry after the seconds in `retry-after`."),
  DISK_FULL: entry(
    507,
    1,
    "The disk that holds the home folder is full.",
    "Free space on the disk named; nothing was half-written.",
  ),
  BLOB_DAMAGED: entry(500, 1, "A stored file no longer matches its hash.", "Restore the blob named from a backup."),
  HOME_LOCKED: entry(
    500,
    3,
    "Another process has this home folder open.",
    "Stop that process, or start with another folder: `massif up --home FOLDER`.",
  ),
  HOME_NOT_WRITABLE: entry(
    500,
    3,
    "The home folder cannot be written.",
    "Choose a folder you may write: `massif up --home FOLDER`.",
  ),
  HOME_DAMAGED: entry(
    500,
    3,
    "The home folder's database cannot be opened.",
    "Restore a backup, or start with an empty folder.",
  ),
  PORT_IN_USE: entry(500, 3, "Another program listens on this port.", "Choose another: `massif up --port PORT`."),
  SERVER_UNREACHABLE: entry(
    503,
    3,
    "No Massif server answers at this address.",
    "Start one with `massif up`, or pass `--url`.",
  ),
  DATABASE_UNREACHABLE: entry(
    503,
    3,
    "The PostgreSQL server does not answer.",
    "Check that server and DATABASE_URL; work goes on by itself when it is back.",
  ),
  NOT_SHARED: entry(
    500,
    2,
    "An embedded home belongs to one process, and this needs a database that several share.",
    "Set DATABASE_URL to a PostgreSQL server, for the servers and for the workers.",
  ),
  HOME_FOREIGN: entry(
    500,
    3,
    "The home folder does not hold the files that the database refers to.",
    "Give every process on one database the same folder, on a disk that all can reach: `--home FOLDER`.",
  ),
  NOT_EMPTY: entry(
    409,
    2,
    "A backup is restored into an empty place only.",
    "Restore into a new folder (`massif restore FILE --home NEW`) or a new database.",
  ),
  BACKUP_DAMAGED: entry(
    422,
    2,
    "A backup file is incomplete, or not what it was when it was made.",
    "Use another backup; `massif backup verify FILE` tells whether one is whole.",
  ),
  BACKUP_NEWER: entry(
    422,
    2,
    "A backup was made by a newer version of Massif.",
    "Restore it with that version or a newer one.",
  ),
  INTERNAL: entry(
    500,
    1,
    "A fault in Massif itself.",
    "Report it with the request id; the server's log has the details.",
  ),
} as const satisfies Record<string, ErrorEntry>;

/** One field that was refused. */
export interface ErrorDetail {
  readonly field: string;
  readonly value?: unknown;
  readonly problem: string;
}

export interface ApiErrorOptions extends ErrorOptions {
  readonly details?: readonly ErrorDetail[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  readonly requestId?: string;
}

/** An error a user can meet; `message` says what and where, the table says the cure. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfter = options.retryAfter;
    this.requestId = options.requestId;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }

  get cure(): string {
    return ERRORS[this.code].cure;
  }
}

/** True for the codes of the table; a newer server may know more. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERRORS, code);
}

// Internal

function entry(status: number, exit: 1 | 2 | 3, doc: string, cure: string): ErrorEntry {
  return { status, exit, doc, cure };
}
