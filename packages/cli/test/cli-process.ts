// The built command line as a child process, as a user runs it.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { databaseEnvironment, databaseOf, dropDatabase } from "../../server/test/databases.ts";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const BIN = path.join(ROOT, "packages/cli/bin/massif.js");

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Text for standard input. */
  readonly input?: string;
}

/** A command that runs, and what it has written so far. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<Result>;
  /** Resolves when standard output or error matches; rejects when the command ends first. */
  until(pattern: RegExp): Promise<RegExpMatchArray>;
}

// A test that fails before it stops its server must not leave one behind.
const living = new Set<ChildProcessWithoutNullStreams>();
process.once("exit", () => {
  for (const child of living) child.kill("SIGTERM");
});

/** Starts `massif …args`. */
export function start(args: readonly string[], { cwd = os.tmpdir(), env = {}, input }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: "/nonexistent", ...env },
  });
  living.add(child);
  child.once("close", () => living.delete(child));
  const output = { stdout: "", stderr: "" };
  let check = () => {};
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      check();
    });
  }
  child.stdin.on("error", () => undefined);
  if (input !== undefined) child.stdin.write(input);
  child.stdin.end();
  const ended = new Promise<Result>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
  const until = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      check = () => {
        const found = output.stdout.match(pattern) ?? output.stderr.match(pattern);
        if (found !== null) resolve(found);
      };
      check();
      ended.then(({ code }) => reject(new Error(`ended with ${code}: ${output.stdout}\n${output.stderr}`)), reject);
    });
  return { child, output, ended, until };
}

/** Runs `massif …args` to its end. */
export function run(args: readonly string[], options?: RunOptions): Promise<Result> {
  return start(args, options).ended;
}

/** A server for a whole test file, and commands that talk to it. */
export interface TestServer {
  readonly home: string;
  readonly url: string;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Runs with `--json` and parses what came: exactly one value, nothing else. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>;
  start(args: readonly string[], options?: RunOptions): Running;
  stop(): Promise<void>;
}

/** Starts `massif up` on a home folder of its own. */
export async function startTestServer(): Promise<TestServer> {
  const home = await mkdtemp(path.join(os.tmpdir(), "massif-cli-"));
  const up = start(["up", "--port", "0", "--home", home, "--json"], { env: await databaseEnvironment(home) });
  const [line] = await up.until(/^\{"url":.*\}\n/);
  const { url } = JSON.parse(line) as { url: string };
  const atHome = (args: readonly string[]) => [...args, "--home", home];
  return {
    home,
    url,
    run: (args, options) => run(atHome(args), options),
    json: async (args, options) => {
      const result = await run([...atHome(args), "--json"], options);
      if (result.code !== 0) throw new Error(`${args.join(" ")} ended with ${result.code}: ${result.stderr}`);
      return JSON.parse(result.stdout);
    },
    start: (args, options) => start(atHome(args), options),
    stop: async () => {
      up.child.kill("SIGTERM");
      await up.ended;
      await rm(home, { recursive: true, force: true });
      await dropDatabase(await databaseOf(home));
    },
  };
}

/** A shipped data file. */
export function exampleData(name: string): string {
  return path.join(ROOT, "examples/data", name);
}
