// Removes blobs that nothing refers to: bytes of uploads that were never recorded, models of attempts that died. Only
// at a start and only for an embedded home, where no other process can be about to record one.
import { listUsedBlobs } from "../store/blob-references.ts";
import type { Means } from "./means.ts";

/** Removes unused blobs; gives how many there were. */
export async function sweepBlobs({ store, blobs }: Pick<Means, "store" | "blobs">): Promise<number> {
  if (store.kind !== "embedded") return 0;
  const used = await listUsedBlobs(store.db);
  let removed = 0;
  for await (const { hash } of blobs.list()) {
    if (used.has(hash)) continue;
    await blobs.delete(hash);
    removed++;
  }
  return removed;
}
