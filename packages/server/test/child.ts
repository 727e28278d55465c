// Other processes for tests: a TypeScript file run by Node, which talks in lines and can be killed at any moment.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A running test process. */
export interface Child {
  readonly process: ChildProcess;
  /** Every line it has written so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches, or rejects when the process ends without one. */
  line(pattern: RegExp): Promise<string>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
  /** Waits for the end and returns the exit code, null after a signal. */
  exit(): Promise<number | null>;
}

const FROM_SOURCE = ["--conditions=massif-source", "--import", "tsx"];

/** Starts `file` (beside `from`, an import.meta.url) with arguments; one that ends in `.mjs` runs what was built. */
export function startChild(from: string, file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const path = fileURLToPath(new URL(file, from));
  const child = spawn(process.execPath, [...(path.endsWith(".mjs") ? [] : FROM_SOURCE), path, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  const errors: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    wake();
  });
  child.stderr.on("data", (data) => errors.push(String(data)));
  const closed = once(child, "close");
  let ended = false;
  void closed.then(() => {
    ended = true;
    wake();
  });
  return {
    process: child,
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined && !ended) return;
          waiting.delete(check);
          if (found === undefined) reject(new Error(`the process ended without ${pattern}: ${errors.join("")}`));
          else resolve(found);
        };
        waiting.add(check);
        check();
      }),
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async exit() {
      await closed;
      return child.exitCode;
    },
  };
}
