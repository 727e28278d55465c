// Exported modules through the TypeScript compiler, in its strictest reading, and back as functions.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TypeScriptExport } from "../../src/index.ts";

export interface Compiled {
  readonly folder: string;
  /** The module `name`. */
  load(name: string): Promise<{ predict(row: object): unknown; InputError: new () => Error }>;
  remove(): void;
}

/**
 * Compiles modules and their tests together; throws with the compiler's words. The modules know of no library but the
 * language's own, their tests of Node's; these can be left out.
 */
export function compile(exports: ReadonlyMap<string, TypeScriptExport>, { tests = true } = {}): Compiled {
  const folder = mkdtempSync(join(tmpdir(), "massif-typescript-"));
  const sources = join(folder, "src");
  mkdirSync(sources);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, { module, test }] of exports) {
    writeFileSync(join(sources, `${name}.ts`), module);
    if (tests) writeFileSync(join(sources, `${name}.test.ts`), test);
  }
  const require = createRequire(import.meta.url);
  const program = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const typeRoots = [dirname(dirname(require.resolve("@types/node/package.json")))];
  const strict = {
    target: "ES2022",
    lib: ["ES2022"],
    module: "NodeNext",
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    rootDir: "src",
    outDir: "js",
    types: [],
  };
  const projects = {
    modules: { compilerOptions: strict, include: ["src/*"], exclude: ["src/*.test.ts"] },
    ...(tests && {
      tests: { compilerOptions: { ...strict, types: ["node"], typeRoots }, include: ["src/*.test.ts"] },
    }),
  };
  for (const [name, project] of Object.entries(projects)) {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(project));
    run(program, file);
  }
  return {
    folder: join(folder, "js"),
    load: (name) => import(/* @vite-ignore */ pathToFileURL(join(folder, "js", `${name}.js`)).href),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

// Internal

function run(program: string, project: string): void {
  try {
    execFileSync(process.execPath, [program, "-p", project], { stdio: "pipe" });
  } catch (error) {
    throw new Error(String((error as { stdout?: Buffer }).stdout), { cause: error });
  }
}
