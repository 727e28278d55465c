// The shared words through which a communicator asks its worker thread for one MPI call at a time. Both sides sleep on
// them, so that a call costs two wake-ups and no event-loop turn of the worker. A thread may be put aside between counting
// and waking, and then wake a sleeper of the next call: whoever wakes looks at the count again.
import type { Operation } from "./mpi-library.ts";

const ASKED = 0; // counts requests; the worker sleeps on it
const ANSWERED = 1; // counts answers; the asker sleeps on it
const FAILED = 2;
const KIND = 3;
const BUFFER = 4;
const DETAIL = 5;
const WORDS = 8;
const OFFSET = 0;
const LENGTH = 1;

const KINDS = ["sum", "max", "broadcast", "barrier", "close"] as const;

/** What the worker is asked to do. */
export type CallKind = Operation | "broadcast" | "barrier" | "close";

export interface Call {
  readonly kind: CallKind;
  /** Number of the shared buffer, and where in it the doubles are. */
  readonly buffer: number;
  readonly offset: number;
  readonly length: number;
  /** Of a broadcast. */
  readonly root: number;
}

/** Two threads' view of one request. */
export class CallBoard {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4 + 16)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#numbers = new Float64Array(memory, WORDS * 4, 2);
  }

  /** Asks, and gives the number of the answer to wait for. */
  ask({ kind, buffer, offset, length, root }: Call): number {
    const words = this.#words;
    words[KIND] = KINDS.indexOf(kind);
    words[BUFFER] = buffer;
    words[DETAIL] = root;
    this.#numbers[OFFSET] = offset;
    this.#numbers[LENGTH] = length;
    const answered = Atomics.load(words, ANSWERED);
    Atomics.add(words, ASKED, 1);
    Atomics.notify(words, ASKED);
    return answered;
  }

  /** Waits at most `ms` for the answer after `answered`, holding this thread; whether it came. */
  waitBriefly(answered: number, ms: number): boolean {
    Atomics.wait(this.#words, ANSWERED, answered, ms);
    return Atomics.load(this.#words, ANSWERED) !== answered;
  }

  /** Resolves with the answer after `answered`; this thread's event loop goes on. */
  async wait(answered: number): Promise<void> {
    while (Atomics.load(this.#words, ANSWERED) === answered) {
      const waiting = (Atomics as unknown as AsyncWaits).waitAsync(this.#words, ANSWERED, answered);
      if (waiting.async) await waiting.value;
    }
  }

  /** Whether the last call failed; the worker says in a message why. */
  get failed(): boolean {
    return this.#words[FAILED] !== 0;
  }

  /** The worker's side: sleeps until the request after `seen`. */
  next(seen: number): Call {
    while (Atomics.load(this.#words, ASKED) === seen) Atomics.wait(this.#words, ASKED, seen);
    return {
      kind: KINDS[this.#words[KIND]],
      buffer: this.#words[BUFFER],
      offset: this.#numbers[OFFSET],
      length: this.#numbers[LENGTH],
      root: this.#words[DETAIL],
    };
  }

  /** The worker's side: says that the request is done. */
  answer(failed: boolean): void {
    this.#words[FAILED] = failed ? 1 : 0;
    Atomics.add(this.#words, ANSWERED, 1);
    Atomics.notify(this.#words, ANSWERED);
  }
}

// Internal

/** Part of ES2024, which Node 20 has and the library types of ES2023 lack. */
interface AsyncWaits {
  waitAsync(
    words: Int32Array,
    index: number,
    value: number,
  ): { readonly async: false } | { readonly async: true; readonly value: Promise<string> };
}
