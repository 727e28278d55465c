// Reads every import of the packages' sources and fails on an arrow that is not in the table, and on a cycle of files.
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Import, violation } from "./layers.ts";
import { sourceFiles } from "./source-files.ts";

const root = path.join(import.meta.dirname, "..", "packages");

/** Problems of the tree, one line each. */
export function checkLayers(): string[] {
  const imports = sourceFiles().flatMap(importsOf);
  const refused = imports.flatMap((one) => {
    const reason = violation(one);
    return reason === null ? [] : [`packages/${one.file}: ${reason} (${one.to})`];
  });
  return [...refused, ...cycles(imports)];
}

/** Imports and re-exports of one file, as `layers.ts` wants them. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const pattern = /^\s*(?:import|export)\s+(type\s+)?(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/gm;
  const found: Import[] = [];
  for (const [, type, to] of text.matchAll(pattern)) {
    if (to.startsWith("."))
      found.push({ file, to: path.posix.join(path.posix.dirname(file), to), typeOnly: type !== undefined });
    else if (to.startsWith("@massif/")) found.push({ file, to, typeOnly: type !== undefined });
  }
  return found;
}

// Internal

// Type imports are gone at run time, so only code imports can make a cycle.
function cycles(imports: readonly Import[]): string[] {
  const arrows = new Map<string, string[]>();
  for (const { file, to, typeOnly } of imports) {
    if (!typeOnly && !to.startsWith("@")) arrows.set(file, [...(arrows.get(file) ?? []), to]);
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(file);
    if (seen >= 0) found.push(`import cycle: ${[...trail.slice(seen), file].join(" -> ")}`);
    if (seen >= 0 || done.has(file)) return;
    for (const next of arrows.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of arrows.keys()) visit(file, []);
  return found;
}
