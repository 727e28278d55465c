// Data cut into consecutive shares, one per rank, and fits of the same data on any number of ranks.
import { createHash } from "node:crypto";
import type { KernelRuntime } from "@massif/kernels";
import {
  type Checkpoint,
  type Communicator,
  type Estimator,
  type FitContext,
  type FittedState,
  type Table,
  type Target,
  takeRows,
  takeTarget,
} from "../../src/index.ts";
import { onRanks } from "./local-ranks.ts";

export interface Data {
  readonly table: Table;
  readonly target?: Target;
}

/** The rows of one rank: consecutive, of uneven numbers. */
export function shareOf({ table, target }: Data, { rank, size }: Pick<Communicator, "rank" | "size">): Data {
  const at = (r: number) => Math.round(table.rows * (r / size) ** 1.2);
  const rows = Uint32Array.from({ length: at(rank + 1) - at(rank) }, (_, i) => at(rank) + i);
  return { table: takeRows(table, rows), target: target && takeTarget(target, rows) };
}

/** The states that each of `size` ranks ends with; `fit` makes one rank's. */
export function fitOnRanks(
  size: number,
  data: Data,
  fit: (share: Data, communicator: Communicator) => Promise<FittedState>,
): Promise<FittedState[]> {
  return onRanks(size, (communicator) => fit(shareOf(data, communicator), communicator));
}

/** Fits what `make` gives. */
export function fitting(make: () => Estimator, runtime: KernelRuntime, extra: Partial<FitContext> = {}) {
  return async ({ table, target }: Data, communicator?: Communicator): Promise<FittedState> => {
    const context: FitContext = { runtime, seed: 7, report: async () => {}, communicator, ...extra };
    return (await make().fit(table, target as Target, context)).getState();
  };
}

/** A hash of all bits of a state. */
export function bitsOf({ tensors, meta }: FittedState): string {
  const digest = createHash("sha256");
  for (const [name, { data }] of Object.entries(tensors)) {
    digest.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.update(JSON.stringify(meta)).digest("hex");
}

/** Keeps every state it is offered in memory. */
export class MemoryCheckpoint implements Checkpoint {
  saved: FittedState | undefined;

  async load(): Promise<FittedState | undefined> {
    return this.saved && structuredClone(this.saved);
  }

  async save(state: () => FittedState): Promise<void> {
    this.saved = structuredClone(state());
  }
}
