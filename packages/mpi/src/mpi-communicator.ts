// The communicator over MPI. Calls run one at a time in a worker thread, on shared memory in place: WebAssembly memory is
// reduced where it lies, and only arrays that are not shared are copied, through one staging buffer.
import { createRequire } from "node:module";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Communicator } from "@massif/learn";
import { CallBoard, type CallKind } from "./call-board.ts";
import type { FromWorker, WorkerStart } from "./communicator-worker.ts";
import { MpiError } from "./mpi-error.ts";
import type { Operation } from "./mpi-library.ts";

/** How to find MPI. */
export interface OpenOptions {
  /** File of the MPI library; default: the usual names. */
  readonly library?: string;
}

/** What communication took so far, as the asking thread saw it: waiting for slower ranks is part of it. */
export interface CommunicationCost {
  readonly seconds: number;
  readonly calls: number;
  readonly bytes: number;
}

/** Joins the group that `mpirun` started, or a group of one without it. Throws MpiError. Once per process. */
export async function openCommunicator({ library }: OpenOptions = {}): Promise<MpiCommunicator> {
  const board = new CallBoard();
  const { port1, port2 } = new MessageChannel();
  const workerData: WorkerStart = { board: board.memory, library, buffers: port2 };
  // By package name, so that the built file is found from the sources and from an installed package alike.
  const entry = createRequire(import.meta.url).resolve("@massif/mpi/communicator-worker");
  const worker = new Worker(entry, { workerData, transferList: [port2], name: "massif-mpi", execArgv: [] });
  return await new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message: FromWorker) => {
      worker.off("error", reject);
      if (message.type === "ready") resolve(new MpiCommunicator({ worker, board, buffers: port1, group: message }));
      else reject(new MpiError(message.code, message.message));
    });
  });
}

/** A rank's hold on its group. */
export class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  /** The library's name and version. */
  readonly version: string;
  readonly #parts: Parts;
  readonly #buffers = new WeakMap<SharedArrayBuffer, number>();
  #known = 0;
  #staging = new Float64Array(new SharedArrayBuffer(STAGING_BYTES));
  /** Calls of one rank go in order, also when they are made at once. */
  #last: Promise<unknown> = Promise.resolve();
  #cost = { seconds: 0, calls: 0, bytes: 0 };
  #failure: MpiError | undefined;
  #closed = false;
  #lastTurn = performance.now();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.rank = parts.group.rank;
    this.size = parts.group.size;
    this.version = parts.group.version;
    parts.worker.on("message", (message: FromWorker) => {
      if (message.type === "failed") this.#failure = new MpiError(message.code, message.message);
    });
    parts.worker.on("error", (cause) => {
      this.#failure = new MpiError("MPI_FAILED", `the MPI thread ended: ${cause.message}`, { cause });
    });
  }

  /** What communication took so far. */
  get cost(): CommunicationCost {
    return { ...this.#cost };
  }

  allReduce(values: Float64Array, operation: Operation = "sum"): Promise<void> {
    return this.#inTurn(() => this.#onValues(operation, values, 0));
  }

  broadcast(values: Float64Array, root = 0): Promise<void> {
    if (!Number.isInteger(root) || root < 0 || root >= this.size) {
      throw new RangeError(`\`root\` of broadcast must be a rank from 0 to ${this.size - 1}, got ${root}`);
    }
    return this.#inTurn(() => this.#onValues("broadcast", values, root));
  }

  barrier(): Promise<void> {
    return this.#inTurn(() => this.#call({ kind: "barrier", buffer: 0, offset: 0, length: 0, root: 0 }));
  }

  /** Leaves the group, when every rank does; idempotent. The process may then end without upsetting the others. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#inTurn(() => this.#call({ kind: "close", buffer: 0, offset: 0, length: 0, root: 0 }));
    this.#closed = true;
    this.#parts.buffers.close();
  }

  // Internal

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #onValues(kind: Operation | "broadcast", values: Float64Array, root: number): Promise<void> {
    const { buffer, byteOffset, length } = values;
    if (buffer instanceof SharedArrayBuffer) {
      await this.#call({ kind, buffer: this.#announce(buffer), offset: byteOffset, length, root });
      return;
    }
    if (this.#staging.length < length) this.#staging = new Float64Array(new SharedArrayBuffer(length * 8));
    const staged = this.#staging.subarray(0, length);
    staged.set(values);
    await this.#call({ kind, buffer: this.#announce(staged.buffer), offset: 0, length, root });
    values.set(staged);
  }

  /** The number of a shared buffer; memory that has grown is a new buffer over the old bytes. */
  #announce(buffer: SharedArrayBuffer): number {
    let number = this.#buffers.get(buffer);
    if (number === undefined) {
      number = this.#known++;
      this.#buffers.set(buffer, number);
      this.#parts.buffers.postMessage(buffer);
    }
    return number;
  }

  async #call(call: { kind: CallKind; buffer: number; offset: number; length: number; root: number }): Promise<void> {
    if (this.#closed) throw new MpiError("MPI_FAILED", "this communicator is closed");
    if (this.#failure !== undefined) throw this.#failure;
    const { board } = this.#parts;
    const started = performance.now();
    if (started - this.#lastTurn > TURN_MS) {
      await nextTurn();
      this.#lastTurn = performance.now();
    }
    const answered = board.ask(call);
    if (!board.waitBriefly(answered, BRIEF_MS)) await board.wait(answered);
    this.#cost.seconds += (performance.now() - started) / 1000;
    this.#cost.calls++;
    this.#cost.bytes += call.length * 8;
    if (!board.failed) return;
    // The reason is on its way as a message.
    await nextTurn();
    throw this.#failure ?? new MpiError("MPI_FAILED", "an MPI call failed");
  }
}

// Internal

interface Parts {
  readonly worker: Worker;
  readonly board: CallBoard;
  readonly buffers: MessagePort;
  readonly group: Extract<FromWorker, { type: "ready" }>;
}

const STAGING_BYTES = 1 << 16;
/** Most small calls are answered within; sleeping on the event loop instead costs a turn of it, tens of microseconds. */
const BRIEF_MS = 0.25;
/** Calls that are all answered briefly would starve the event loop: it gets a turn this often. */
const TURN_MS = 20;
