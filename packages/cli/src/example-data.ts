// The data sets that ship with Massif.
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The path of a shipped file, such as `diamonds.csv`. */
export function exampleFile(name: string): string {
  return path.join(fileURLToPath(new URL("../../../examples/data/", import.meta.url)), name);
}
