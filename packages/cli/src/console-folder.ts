// Where the built web console lies: beside the command line when both are installed, else nowhere. It is a folder of
// files for browsers, not code to import.
import { fileURLToPath } from "node:url";

/** The folder of the built console, or undefined when the package is not installed. */
export function consoleFolder(): string | undefined {
  try {
    return fileURLToPath(new URL(".", import.meta.resolve("@massif/console/dist/index.html")));
  } catch {
    return undefined;
  }
}
