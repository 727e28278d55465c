// Says which database a folder of blobs belongs to. Two processes on one database that were given different folders would
// each write files that the other cannot find; the mark lets the second one refuse at its start instead.
import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, StoreError, toStoreError } from "../store/errors.ts";

/** What is known of the database that the folder should belong to. */
export interface Owner {
  /** The database's own id. */
  readonly id: string;
  /** Some file the database refers to that the folder lacks; a folder without a mark is then another database's. */
  missing(): Promise<string | undefined>;
}

const MARK = "instance";

/** Checks that the folder can be written and belongs to the database, marking a new one; throws HOME_FOREIGN. */
export async function claimFolder(folder: string, { id, missing }: Owner): Promise<void> {
  const path = join(folder, MARK);
  const found = await readMark(path);
  if (found === id) return;
  if (found !== undefined) throw foreign(folder, "it belongs to another database");
  const lost = await missing();
  if (lost !== undefined) throw foreign(folder, `the file ${lost} is not in it`);
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${id}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw toStoreError(error, `the blob folder ${folder}`);
  }
  // Another process may have marked it at the same moment, for a database of its own.
  if ((await readMark(path)) !== id) throw foreign(folder, "it belongs to another database");
}

// Internal

async function readMark(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw toStoreError(error, path);
  }
}

function foreign(folder: string, why: string): StoreError {
  const message =
    `The folder ${folder} does not hold the files of this database: ${why}. ` +
    "Give every process on one database the same home, on a disk that all of them can reach.";
  return new StoreError("HOME_FOREIGN", message);
}
