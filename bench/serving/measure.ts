// Starts the load generator in a process of its own and reads its figures.
import { spawn } from "node:child_process";
import path from "node:path";

const root = path.join(import.meta.dirname, "..", "..");

/** What the load generator prints; milliseconds. */
export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
}

/** Sends `requests` requests of one row over so many connections. */
export async function load(
  { url, key, row }: { readonly url: string; readonly key: string; readonly row: Readonly<Record<string, unknown>> },
  { connections, requests }: { readonly connections: number; readonly requests: number },
): Promise<Load> {
  const args = [url, key, JSON.stringify({ rows: [row] }), String(connections), String(requests)];
  const tsx = path.join(root, "node_modules/tsx/dist/cli.mjs");
  const child = spawn(process.execPath, [tsx, path.join(import.meta.dirname, "load.ts"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text) as Load;
}
