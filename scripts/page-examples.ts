// Runs every example of a page as written: commands against one server per page, programs by Node.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startServer } from "@massif/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseOf } from "../packages/server/test/databases.ts";
import { type Example, examplesOf } from "./markdown-examples.ts";
import { shellWords } from "./shell-words.ts";

const root = path.join(import.meta.dirname, "..");
const cli = path.join(root, "packages/cli/bin/massif.js");
// Commands that serve until Ctrl-C, or that start a server of their own, are run by the CLI's own tests.
const ELSEWHERE = ["up", "quickstart"];
/** Ranks need a library of the system, which not every machine has; the cluster tests see to it that theirs does. */
const HAS_MPI = spawnSync("mpirun", ["--version"], { stdio: "ignore" }).status === 0;

/** The guides that have examples; a page without one has nothing to run. */
export const GUIDES: readonly string[] = readdirSync(path.join(root, "docs/guides"))
  .map((file) => `docs/guides/${file}`)
  .filter((page) => examplesOf(readFileSync(path.join(root, page), "utf8")).length > 0);

/** Makes the tests of these pages. */
export function testExamples(pages: readonly string[]): void {
  describe.each(pages)("%s", testPage);
}

// Internal

function testPage(page: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), "massif-docs-"));
  let server: Awaited<ReturnType<typeof startServer>>;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    // The reader stands in the checkout: examples/ and the packages are there, and nothing is written into it.
    symlinkSync(path.join(root, "examples"), path.join(folder, "examples"), "junction");
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
    const home = path.join(folder, "home");
    server = await startServer({ home, databaseUrl: await databaseOf(home), port: 0, logLevel: "silent" });
    env = { ...process.env, MASSIF_URL: server.url, MASSIF_API_KEY: server.adminKey, NO_COLOR: "1" };
  });

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const examples = examplesOf(readFileSync(path.join(root, page), "utf8"));
  const isHere = (text: string) => !ELSEWHERE.includes(text.split(" ")[0]) && (HAS_MPI || !text.includes("--ranks"));
  const here = examples.filter(({ kind, text }) => kind === "program" || isHere(text));

  test.each(here.map((example) => [example.line, example] as const))(
    "the example at line %i runs",
    async (_, example) => {
      const { code, output } = await run(command(example, folder), folder, env);
      expect(code, output).toBe(0);
    },
  );
}

function command(example: Example, folder: string): string[] {
  if (example.kind === "command") return [cli, ...shellWords(example.text)];
  const file = path.join(folder, `example-${example.line}.mts`);
  writeFileSync(file, example.text);
  return [path.join(root, "node_modules/tsx/dist/cli.mjs"), file];
}

async function run(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}
