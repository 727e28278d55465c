// Writes the reference pages that are made from tables in the code. `npm run generate` writes them; `npm run check`
// fails when one is stale.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { errorsPage } from "./reference/errors-page.ts";
import { estimatorsPage } from "./reference/estimators-page.ts";
import { httpApiPage } from "./reference/http-api-page.ts";

const root = path.join(import.meta.dirname, "..");

const PAGES: Readonly<Record<string, () => string>> = {
  "docs/reference/errors.md": errorsPage,
  "docs/reference/estimators.md": estimatorsPage,
  "docs/reference/http-api.md": httpApiPage,
};

/** One line for each generated file that is not what the code would write now. */
export function staleFiles(): string[] {
  const stale = Object.entries(PAGES).filter(([file, make]) => contentOf(file) !== make());
  return stale.map(([file]) => `${file} is stale; run \`npm run generate\``);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, make] of Object.entries(PAGES)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), make());
  }
}

// Internal

function contentOf(file: string): string | null {
  try {
    return readFileSync(path.join(root, file), "utf8");
  } catch {
    return null;
  }
}
