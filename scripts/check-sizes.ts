// Keeps files short enough to find one's way: no source file over 600 lines, and the 90th percentile at most 350.
import { readFileSync } from "node:fs";
import path from "node:path";
import { sourceFiles } from "./source-files.ts";

const packages = path.join(import.meta.dirname, "..", "packages");
const LONGEST = 600;
const LONGEST_P90 = 350;

/** Problems of the tree, one line each. */
export function checkSizes(): string[] {
  const files = sourceFiles(["src", "assembly"]).map((file) => ({ file, lines: lines(file) }));
  const problems = files
    .filter(({ lines }) => lines > LONGEST)
    .map(({ file, lines }) => `packages/${file}: ${lines} lines, at most ${LONGEST}`);
  const sorted = files.map(({ lines }) => lines).sort((a, b) => a - b);
  const p90 = sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  if (p90 > LONGEST_P90) problems.push(`90th percentile of file lengths is ${p90} lines, at most ${LONGEST_P90}`);
  return problems;
}

// Internal

function lines(file: string): number {
  return readFileSync(path.join(packages, file), "utf8").split("\n").length;
}
