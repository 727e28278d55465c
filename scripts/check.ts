// `npm run check`: types, lint and format, layers, file sizes, dead code, generated files. All run, then it fails if
// one did.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { checkLayers } from "./check-layers.ts";
import { checkSizes } from "./check-sizes.ts";
import { staleFiles } from "./generate.ts";

const root = path.join(import.meta.dirname, "..");

const failed = [
  tool("build", "scripts/build.mjs"),
  tool("types", "node_modules/typescript/bin/tsc", "-b"),
  tool("lint and format", "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."),
  list("layers", checkLayers),
  list("sizes", checkSizes),
  tool("dead code", "node_modules/knip/bin/knip.js"),
  list("generated files", staleFiles),
].filter((name) => name !== null);

if (failed.length > 0) {
  process.stderr.write(`\ncheck failed: ${failed.join(", ")}\n`);
  process.exit(1);
}
process.stdout.write("check: all is well\n");

// Internal

function tool(name: string, script: string, ...args: string[]): string | null {
  process.stdout.write(`- ${name}\n`);
  const { status } = spawnSync(process.execPath, [path.join(root, script), ...args], { cwd: root, stdio: "inherit" });
  return status === 0 ? null : name;
}

function list(name: string, find: () => readonly string[]): string | null {
  process.stdout.write(`- ${name}\n`);
  const problems = find();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? null : name;
}
