// A model file from disk into the registry: upload, then the server's trial, both on one progress line.
import path from "node:path";
import type { Client, ModelVersion } from "@massif/api";
import { bytes, duration } from "./figures.ts";
import { nameOf, sizeOf, uploadOf } from "./import-file.ts";
import { openBoard } from "./progress.ts";
import type { Session } from "./session.ts";

export interface ModelFile {
  readonly file: string;
  /** Default: made from the file's name. */
  readonly name?: string;
  readonly alias?: string;
}

/** Uploads and tries the model; throws INVALID_FILE and INVALID_MODEL. */
export async function importModel(client: Client, given: ModelFile, session: Session): Promise<ModelVersion> {
  const { file, alias } = given;
  const name = given.name ?? nameOf(file, "model");
  const board = openBoard(session, [name]);
  const line = board.line(name);
  const started = performance.now();
  try {
    const size = await sizeOf(file);
    const stream = await uploadOf(file, { size, line, signal: session.signal });
    const query = { name, filename: path.basename(file), ...(alias === undefined ? {} : { alias }) };
    const version = await client.importModel({ query, file: stream, signal: session.signal });
    line.done(`${bytes(size)} in ${duration((performance.now() - started) / 1000)}`);
    for (const note of version.notes) session.note(`note: ${note}`);
    return version;
  } catch (error) {
    line.failed(session.signal.aborted ? "stopped" : "see below");
    throw error;
  } finally {
    board.stop();
  }
}
