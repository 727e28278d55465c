// A process that puts blobs of 2 MB one after the other and says each after it was acknowledged, until it is killed.
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { openBlobs } from "../../src/blobs/folder-blobs.ts";

const blobs = await openBlobs(process.argv[2]);
for (let i = 0; ; i++) {
  const { hash } = await blobs.put(randomBytes(2_000_000));
  writeSync(1, `put ${i} ${hash}\n`);
}
