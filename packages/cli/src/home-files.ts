// The files by which commands find a server that runs here: `credentials.json` (ours: address and key) and
// `server.json` (the server's: who holds the home).
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Session } from "./session.ts";

export interface Credentials {
  readonly url: string;
  readonly key: string;
}

export interface HomeOwner {
  readonly pid: number;
  readonly url?: string;
}

/** The home folder in force: `--home`, `MASSIF_HOME`, or `~/.massif`. */
export function homeFolder(session: Session): string {
  const given = givenHome(session);
  return given === undefined ? defaultHome() : path.resolve(given);
}

/** What the user said about the home folder, if anything. */
export function givenHome({ options, environment }: Session): string | undefined {
  const given = options.home ?? environment.MASSIF_HOME;
  return given === undefined || given === "" ? undefined : given;
}

export function defaultHome(): string {
  return path.join(os.homedir(), ".massif");
}

/** Quickstart has a home of its own: what it makes does not mix with real work. */
export function quickstartHome(): string {
  return path.join(defaultHome(), "quickstart");
}

/** The stored address and key, or undefined when there are none that can be read. */
export async function readCredentials(home: string): Promise<Credentials | undefined> {
  const value = await readJson(path.join(home, CREDENTIALS));
  const { url, key } = (value ?? {}) as Partial<Credentials>;
  return typeof url === "string" && typeof key === "string" ? { url, key } : undefined;
}

/** Stores the address and the key for this user's eyes only; the file is complete or absent. */
export async function writeCredentials(home: string, credentials: Credentials): Promise<void> {
  await writePrivateJson(path.join(home, CREDENTIALS), credentials);
}

/** The process that holds the home and still lives. */
export async function livingOwner(home: string): Promise<HomeOwner | undefined> {
  const { pid, url } = ((await readJson(path.join(home, "server.json"))) ?? {}) as Partial<HomeOwner>;
  if (typeof pid !== "number" || !lives(pid)) return undefined;
  return typeof url === "string" ? { pid, url } : { pid };
}

/** Reads a JSON file; undefined when it is absent or no JSON. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Writes a JSON file that only this user may read. */
export async function writePrivateJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: PRIVATE });
    await chmod(draft, PRIVATE);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

// Internal

const CREDENTIALS = "credentials.json";
const PRIVATE = 0o600;

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
