// The packages' own source files, for the checks that read them.
import { readdirSync } from "node:fs";
import path from "node:path";

const packages = path.join(import.meta.dirname, "..", "packages");

/** Paths from `packages/`, with `/`, of every TypeScript file (.ts, .tsx) under `PACKAGE/src` and `PACKAGE/assembly`. */
export function sourceFiles(folders: readonly string[] = ["src"]): string[] {
  return readdirSync(packages).flatMap((name) => folders.flatMap((folder) => under(`${name}/${folder}`)));
}

// Internal

function under(folder: string): string[] {
  const base = path.join(packages, folder);
  try {
    const found = readdirSync(base, { recursive: true }).map(String);
    return found.filter((file) => /\.tsx?$/.test(file)).map((file) => `${folder}/${file.split(path.sep).join("/")}`);
  } catch {
    return []; // a package without such a folder
  }
}
