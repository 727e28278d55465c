// The calls of the system's MPI library that a communicator needs, found at run time: no compiler, no build against one
// MPI. Open MPI's handles are addresses of symbols; MPICH's are 32-bit numbers that its ABI fixes. Blocks its thread.
import koffi, { type LibraryHandle } from "koffi";
import { installHint, MpiError } from "./mpi-error.ts";

/** What can be done with every rank's doubles. */
export type Operation = "sum" | "max";

/** Names under which libraries are found, best first. Open MPI lets idle ranks yield; MPICH only runs. */
const NAMES = {
  linux: ["libmpi.so.40", "libmpi.so", "libmpich.so.12", "libmpi.so.12"],
  darwin: ["libmpi.40.dylib", "libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib", "/usr/local/lib/libmpi.dylib"],
} as const;

/** A count is a C int; a multiple of a page below its limit. */
const MAX_COUNT = 2 ** 30;

type Call = (...args: unknown[]) => number;

interface Handles {
  readonly type: "uintptr_t" | "int";
  readonly world: unknown;
  readonly double: unknown;
  readonly sum: unknown;
  readonly max: unknown;
  /** MPI_IN_PLACE as a pointer's value. */
  readonly inPlace: number;
}

/** An initialised MPI in this process; once per process, from one thread. */
export class MpiLibrary {
  readonly version: string;
  readonly rank: number;
  readonly size: number;
  readonly #handles: Handles;
  readonly #allReduce: Call;
  readonly #broadcast: Call;
  readonly #barrier: Call;
  readonly #finalize: Call;

  /** Loads and initialises; throws MpiError. `path`: the library's file instead of the usual names. */
  constructor(path?: string) {
    const library = load(path);
    this.version = versionOf(library);
    const handles = handlesOf(library, this.version);
    this.#handles = handles;
    const { type } = handles;
    this.#allReduce = library.func(`int MPI_Allreduce(uintptr_t, void *, int, ${type}, ${type}, ${type})`) as Call;
    this.#broadcast = library.func(`int MPI_Bcast(void *, int, ${type}, int, ${type})`) as Call;
    this.#barrier = library.func(`int MPI_Barrier(${type})`) as Call;
    this.#finalize = library.func("int MPI_Finalize()") as Call;
    check("MPI_Init", (library.func("int MPI_Init(uintptr_t, uintptr_t)") as Call)(0, 0));
    const ask = (name: string): number => {
      const out = new Int32Array(1);
      check(name, (library.func(`int ${name}(${type}, void *)`) as Call)(handles.world, out));
      return out[0];
    };
    this.rank = ask("MPI_Comm_rank");
    this.size = ask("MPI_Comm_size");
  }

  allReduce(values: Float64Array, operation: Operation): void {
    const { inPlace, double, world, sum, max } = this.#handles;
    const op = operation === "sum" ? sum : max;
    for (const part of parts(values)) {
      check("MPI_Allreduce", this.#allReduce(inPlace, part, part.length, double, op, world));
    }
  }

  broadcast(values: Float64Array, root: number): void {
    const { double, world } = this.#handles;
    for (const part of parts(values)) {
      check("MPI_Bcast", this.#broadcast(part, part.length, double, root, world));
    }
  }

  barrier(): void {
    check("MPI_Barrier", this.#barrier(this.#handles.world));
  }

  /** Leaves the group; every rank must, and nothing can follow. */
  finalize(): void {
    check("MPI_Finalize", this.#finalize());
  }
}

// Internal

function load(path: string | undefined): LibraryHandle {
  const { platform } = process;
  const names: readonly string[] =
    path !== undefined ? [path] : platform === "linux" || platform === "darwin" ? NAMES[platform] : [];
  let cause: unknown;
  for (const name of names) {
    try {
      // Global: Open MPI's own plug-ins look its symbols up.
      return koffi.load(name, { global: true });
    } catch (error) {
      cause ??= error;
    }
  }
  const tried = names.length === 0 ? "" : ` (looked for ${names.join(", ")})`;
  throw new MpiError("MPI_MISSING", `there is no MPI library on this machine${tried}; ${installHint()}`, { cause });
}

function versionOf(library: LibraryHandle): string {
  const text = Buffer.alloc(8192);
  const length = new Int32Array(1);
  try {
    const ask = library.func("int MPI_Get_library_version(void *, void *)") as Call;
    check("MPI_Get_library_version", ask(text, length));
  } catch (cause) {
    throw new MpiError("MPI_MISSING", `the library that was found is not an MPI 3 library; ${installHint()}`, {
      cause,
    });
  }
  return text.toString("latin1", 0, length[0]).split("\0")[0].split("\n")[0].trim();
}

function handlesOf(library: LibraryHandle, version: string): Handles {
  // Not a message but the library's identity, which is all that MPI offers before its standard ABI.
  if (version.startsWith("Open MPI")) {
    const at = (symbol: string) => koffi.address(library.symbol(symbol, "void *"));
    return {
      type: "uintptr_t",
      world: at("ompi_mpi_comm_world"),
      double: at("ompi_mpi_double"),
      sum: at("ompi_mpi_op_sum"),
      max: at("ompi_mpi_op_max"),
      inPlace: 1,
    };
  }
  if (version.startsWith("MPICH")) {
    const [world, double, max, sum] = [0x44000000, 0x4c00080b, 0x58000001, 0x58000003];
    return { type: "int", world, double, sum, max, inPlace: -1 };
  }
  throw new MpiError("MPI_FAILED", `"${version}" is not supported; Massif works with Open MPI 4 and 5, and with MPICH`);
}

function* parts(values: Float64Array): Generator<Float64Array> {
  for (let begin = 0; begin < values.length; begin += MAX_COUNT) {
    yield values.length <= MAX_COUNT ? values : values.subarray(begin, begin + MAX_COUNT);
  }
}

function check(call: string, code: number): void {
  if (code !== 0) throw new MpiError("MPI_FAILED", `${call} failed with MPI error ${code}`);
}
