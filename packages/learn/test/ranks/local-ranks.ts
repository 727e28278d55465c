// Several ranks inside one process, for tests: their fits take turns at every collective call. Sums go in rank order.
import type { Communicator } from "../../src/index.ts";

/** Runs `body` once per rank, all at the same time; gives what each returned. */
export async function onRanks<T>(size: number, body: (communicator: Communicator) => Promise<T>): Promise<T[]> {
  const group = new LocalGroup(size);
  return await Promise.all(Array.from({ length: size }, (_, rank) => body(group.communicator(rank))));
}

// Internal

interface Arrival {
  readonly kind: string;
  readonly values: Float64Array;
  resolve(): void;
}

class LocalGroup {
  readonly #size: number;
  #arrived = new Map<number, Arrival>();

  constructor(size: number) {
    this.#size = size;
  }

  communicator(rank: number): Communicator {
    const none = new Float64Array(0);
    return {
      rank,
      size: this.#size,
      allReduce: (values, operation = "sum") => this.#meet(rank, operation, values),
      broadcast: (values, root = 0) => this.#meet(rank, `broadcast ${root}`, values),
      barrier: () => this.#meet(rank, "barrier", none),
    };
  }

  #meet(rank: number, kind: string, values: Float64Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const [first] = this.#arrived.values();
      if (first !== undefined && (first.kind !== kind || first.values.length !== values.length)) {
        reject(
          new Error(`rank ${rank} calls ${kind} of ${values.length}, others ${first.kind} of ${first.values.length}`),
        );
        return;
      }
      this.#arrived.set(rank, { kind, values, resolve });
      if (this.#arrived.size < this.#size) return;
      const all = Array.from({ length: this.#size }, (_, r) => this.#arrived.get(r) as Arrival);
      this.#arrived = new Map();
      combine(
        kind,
        all.map((arrival) => arrival.values),
      );
      for (const arrival of all) arrival.resolve();
    });
  }
}

function combine(kind: string, values: readonly Float64Array[]): void {
  if (kind === "barrier") return;
  const result = kind.startsWith("broadcast") ? values[Number(kind.split(" ")[1])].slice() : values[0].slice();
  if (!kind.startsWith("broadcast")) {
    for (const other of values.slice(1)) {
      for (let i = 0; i < result.length; i++) {
        result[i] = kind === "max" ? Math.max(result[i], other[i]) : result[i] + other[i];
      }
    }
  }
  for (const array of values) array.set(result);
}
