// A checkpoint in one file: complete or absent, written under a temporary name and renamed, and believed only when it is
// of the same fit. One that cannot be read is as good as none.
import { open, readFile, rename } from "node:fs/promises";
import type { Checkpoint, FittedState, Json } from "@massif/learn";
import { ModelFileError, readTensors, VERSION, writeTensors } from "@massif/learn";
import type { TrainTask } from "./train-protocol.ts";

/** Where a fit leaves its state. */
export interface CheckpointPlace {
  readonly path: string;
  /** Milliseconds from one state kept to the next. */
  readonly everyMs: number;
}

/** What tells a training from every other: its data, rows, pipeline and seed. */
export function fitOf({ dataHash, target, split, pipeline, seed, ranks, weights }: TrainTask): string {
  return JSON.stringify([dataHash, target, split, pipeline, seed, ranks?.count ?? null, weights ?? null]);
}

/** Keeps a state every so often. */
export class FileCheckpoint implements Checkpoint {
  readonly #place: CheckpointPlace;
  readonly #fit: string;
  #last = performance.now();

  /** `fit` tells one fit from any other: data, pipeline, seed. */
  constructor(place: CheckpointPlace, fit: string) {
    this.#place = place;
    this.#fit = `${VERSION} ${fit}`;
  }

  async load(): Promise<FittedState | undefined> {
    const bytes = await this.read();
    return bytes && this.parse(bytes);
  }

  /** The file's bytes; undefined where there is none. */
  async read(): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#place.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** The state in a file's bytes; undefined when it is another fit's or damaged. */
  parse(bytes: Uint8Array): FittedState | undefined {
    try {
      const { tensors, metadata } = readTensors(bytes);
      if (metadata.get("massif.checkpoint") !== this.#fit) return undefined;
      const meta = JSON.parse(metadata.get("massif.state") ?? "{}") as Record<string, Json>;
      return { tensors: Object.fromEntries(tensors), meta };
    } catch (error) {
      if (error instanceof ModelFileError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async save(state: () => FittedState): Promise<void> {
    if (performance.now() - this.#last < this.#place.everyMs) return;
    const { tensors, meta } = state();
    const metadata = new Map([
      ["massif.checkpoint", this.#fit],
      ["massif.state", JSON.stringify(meta)],
    ]);
    const bytes = writeTensors({ tensors: new Map(Object.entries(tensors)), metadata });
    const draft = `${this.#place.path}.${process.pid}.tmp`;
    const file = await open(draft, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.#place.path);
    this.#last = performance.now();
  }
}
