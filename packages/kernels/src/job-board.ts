// The shared words through which one caller and its pool agree on a job: "run this kernel over these chunks". Every
// thread takes chunks from one counter; which thread runs a chunk never changes what the chunk computes.
import type { WasmFunction, WasmMemory } from "./webassembly.ts";

/** Bytes of kernel memory that the board occupies. */
export const BOARD_BYTES = 2048;

// Offsets in 32-bit words; words that different threads write often are a cache line (64 bytes) apart.
const EPOCH = 0; // counts jobs; members sleep on it
const OPEN = 16; // the epoch of the job that may be entered, 0 for none
const NEXT = 32; // the next chunk to take
const ACTIVE = 48; // members inside a job
const SLEEPERS = 64;
const QUIT = 65;
const CALLER_WAITS = 66;
const MEMBER_CHUNKS = 67; // chunks that members, not the caller, have run
const FAILED = 68;
const ERROR_BYTES = 69;
const KERNEL = 80;
const ARG_COUNT = 81;
const COUNT = 82;
const GRAIN = 83;
const ARGS_BYTE = 512;
const MAX_ARGS = 64;
const ERROR_BYTE = 1024;
const MAX_ERROR_BYTES = 1024;

/** Polls before a thread sleeps; about 30 µs, the price of one wake-up, so spinning at most doubles the cost. */
const SPINS = 20_000;
/** A caller looks again after this long, should a wake-up ever be lost. */
const CALLER_WAIT_MS = 50;

export interface Job {
  /** Index in the module's list of exports. */
  readonly kernel: number;
  readonly args: readonly number[];
  readonly count: number;
  readonly grain: number;
  /** The first chunk that is still to be run. */
  readonly first: number;
}

export class JobBoard {
  readonly #words: Int32Array;
  readonly #args: Float64Array;
  readonly #error: Uint8Array;

  /** `offset`: where in `memory` the board's zeroed bytes are; 64-byte aligned. */
  constructor(memory: WasmMemory, offset: number) {
    this.#words = new Int32Array(memory.buffer, offset, BOARD_BYTES / 4);
    this.#args = new Float64Array(memory.buffer, offset + ARGS_BYTE, MAX_ARGS);
    this.#error = new Uint8Array(memory.buffer, offset + ERROR_BYTE, MAX_ERROR_BYTES);
  }

  /** Chunks run by pool members so far. */
  get memberChunks(): number {
    return Atomics.load(this.#words, MEMBER_CHUNKS);
  }

  /** Publishes `job`, works on it with `run`, and returns when every chunk is done; throws what failed. */
  execute(job: Job, run: WasmFunction): void {
    this.#publish(job);
    let failure: { readonly cause: unknown } | undefined;
    try {
      this.#takeChunks(run);
    } catch (cause) {
      failure = { cause };
      this.#cancel();
    }
    this.#closeAndWait();
    if (failure !== undefined) throw failure.cause;
    if (Atomics.load(this.#words, FAILED) !== 0) throw new Error(this.#readError());
  }

  /** A member's life: sleeps until there is a job, helps with it, and ends after `dismiss`. */
  serve(kernelOf: (index: number) => WasmFunction): void {
    const words = this.#words;
    let seen = 0;
    for (;;) {
      seen = this.#awaitEpochAfter(seen);
      if (Atomics.load(words, QUIT) !== 0) return;
      // Entered before asking which job is open: a caller that closed its job waits for ACTIVE to become 0, so a late
      // member either sees the job closed or holds the caller back.
      Atomics.add(words, ACTIVE, 1);
      if (Atomics.load(words, OPEN) !== 0) this.#help(kernelOf);
      const before = Atomics.sub(words, ACTIVE, 1);
      if (before === 1 && Atomics.load(words, CALLER_WAITS) !== 0) Atomics.notify(words, ACTIVE);
    }
  }

  /** Ends every member's `serve`. */
  dismiss(): void {
    Atomics.store(this.#words, QUIT, 1);
    Atomics.add(this.#words, EPOCH, 1);
    Atomics.notify(this.#words, EPOCH);
  }

  // Internal

  #publish(job: Job): void {
    const words = this.#words;
    if (job.args.length > MAX_ARGS) throw new RangeError(`a kernel takes at most ${MAX_ARGS} arguments`);
    for (let i = 0; i < job.args.length; i++) this.#args[i] = job.args[i];
    words[KERNEL] = job.kernel;
    words[ARG_COUNT] = job.args.length;
    words[COUNT] = job.count;
    words[GRAIN] = job.grain;
    words[FAILED] = 0;
    Atomics.store(words, NEXT, job.first);
    const epoch = (Atomics.load(words, EPOCH) + 1) & 0x7fffffff || 1;
    Atomics.store(words, OPEN, epoch);
    Atomics.store(words, EPOCH, epoch);
    // Notifying is a slow runtime call (20 µs and more), so only when somebody sleeps.
    if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, EPOCH);
  }

  #takeChunks(run: WasmFunction): number {
    const words = this.#words;
    const arity = words[ARG_COUNT];
    const call: number[] = new Array(arity + 2);
    for (let i = 0; i < arity; i++) call[i] = this.#args[i];
    const count = words[COUNT];
    const grain = words[GRAIN];
    const chunks = Math.ceil(count / grain);
    let done = 0;
    for (;;) {
      const chunk = Atomics.add(words, NEXT, 1);
      if (chunk < 0 || chunk >= chunks) return done;
      call[arity] = chunk * grain;
      call[arity + 1] = Math.min(count, (chunk + 1) * grain);
      run.apply(null, call);
      done++;
    }
  }

  #help(kernelOf: (index: number) => WasmFunction): void {
    const words = this.#words;
    try {
      Atomics.add(words, MEMBER_CHUNKS, this.#takeChunks(kernelOf(words[KERNEL])));
    } catch (error) {
      this.#cancel();
      // The first failure is kept; a second one at the same moment says nothing new.
      if (Atomics.compareExchange(words, FAILED, 0, 1) === 0) this.#writeError(error);
    }
  }

  /** Leaves no chunk to take. The counter's limit cannot wrap: each thread adds at most one more. */
  #cancel(): void {
    Atomics.store(this.#words, NEXT, 0x40000000);
  }

  #closeAndWait(): void {
    const words = this.#words;
    Atomics.store(words, OPEN, 0);
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(words, ACTIVE) === 0) return;
    }
    Atomics.store(words, CALLER_WAITS, 1);
    for (;;) {
      const active = Atomics.load(words, ACTIVE);
      if (active === 0) break;
      Atomics.wait(words, ACTIVE, active, CALLER_WAIT_MS);
    }
    Atomics.store(words, CALLER_WAITS, 0);
  }

  #awaitEpochAfter(seen: number): number {
    const words = this.#words;
    for (let spin = 0; spin < SPINS; spin++) {
      const epoch = Atomics.load(words, EPOCH);
      if (epoch !== seen) return epoch;
    }
    Atomics.add(words, SLEEPERS, 1);
    while (Atomics.load(words, EPOCH) === seen) Atomics.wait(words, EPOCH, seen);
    Atomics.sub(words, SLEEPERS, 1);
    return Atomics.load(words, EPOCH);
  }

  #writeError(error: unknown): void {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const bytes = new TextEncoder().encode(text).subarray(0, MAX_ERROR_BYTES);
    this.#error.set(bytes);
    Atomics.store(this.#words, ERROR_BYTES, bytes.length);
  }

  #readError(): string {
    // Copied: a decoder refuses shared memory.
    return new TextDecoder().decode(this.#error.slice(0, Atomics.load(this.#words, ERROR_BYTES)));
  }
}
