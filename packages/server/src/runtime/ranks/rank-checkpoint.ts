// The checkpoint of a fit on ranks: rank 0 alone touches the file, and what it reads goes to all.
import type { Checkpoint, Communicator, FittedState } from "@massif/learn";
import type { FileCheckpoint } from "../file-checkpoint.ts";

/** Shares one file among ranks. */
export class RankCheckpoint implements Checkpoint {
  readonly #file: FileCheckpoint;
  readonly #communicator: Communicator;

  constructor(file: FileCheckpoint, communicator: Communicator) {
    this.#file = file;
    this.#communicator = communicator;
  }

  async load(): Promise<FittedState | undefined> {
    const bytes = this.#communicator.rank === 0 ? await this.#file.read() : undefined;
    const length = Float64Array.of(bytes?.length ?? 0);
    await this.#communicator.broadcast(length);
    if (length[0] === 0) return undefined;
    const packed = new Float64Array(Math.ceil(length[0] / 8));
    const view = new Uint8Array(packed.buffer, 0, length[0]);
    if (bytes !== undefined) view.set(bytes);
    await this.#communicator.broadcast(packed);
    return this.#file.parse(view);
  }

  async save(state: () => FittedState): Promise<void> {
    if (this.#communicator.rank === 0) await this.#file.save(state);
  }
}
