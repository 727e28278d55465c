// The thread in which MPI lives: it starts the library, then does one call after the other on memory it shares with the
// asking thread. A call that waits for other ranks holds this thread and no other.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { CallBoard } from "./call-board.ts";
import { MpiError } from "./mpi-error.ts";
import { MpiLibrary } from "./mpi-library.ts";

/** Given to the thread at its start. */
export interface WorkerStart {
  readonly board: SharedArrayBuffer;
  readonly library?: string;
  /** Brings shared buffers, in the order of their numbers. */
  readonly buffers: MessagePort;
}

/** What the thread says besides answers on the board. */
export type FromWorker =
  | { readonly type: "ready"; readonly rank: number; readonly size: number; readonly version: string }
  | { readonly type: "failed"; readonly code: MpiError["code"]; readonly message: string };

const { board: memory, library, buffers } = workerData as WorkerStart;
const known: SharedArrayBuffer[] = [];

try {
  serve(new MpiLibrary(library), new CallBoard(memory));
} catch (error) {
  fail(error);
}

// Internal

function serve(mpi: MpiLibrary, board: CallBoard): void {
  const { rank, size, version } = mpi;
  tell({ type: "ready", rank, size, version });
  for (let seen = 0; ; seen++) {
    const call = board.next(seen);
    if (call.kind === "close") {
      mpi.finalize();
      board.answer(false);
      return;
    }
    try {
      if (call.kind === "barrier") mpi.barrier();
      else {
        const values = new Float64Array(bufferOf(call.buffer), call.offset, call.length);
        if (call.kind === "broadcast") mpi.broadcast(values, call.root);
        else mpi.allReduce(values, call.kind);
      }
      board.answer(false);
    } catch (error) {
      fail(error);
      board.answer(true);
    }
  }
}

/** A buffer that was announced before the call that names it. */
function bufferOf(number: number): SharedArrayBuffer {
  while (known.length <= number) {
    const next = receiveMessageOnPort(buffers);
    if (next === undefined) throw new MpiError("MPI_FAILED", `shared buffer ${number} was never announced`);
    known.push(next.message as SharedArrayBuffer);
  }
  return known[number];
}

function fail(error: unknown): void {
  const code = error instanceof MpiError ? error.code : "MPI_FAILED";
  tell({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}
