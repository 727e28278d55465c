// The checks of `massif doctor`, each a finding and, where it is bad, a cure.
import { access, constants, mkdtemp, rm, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { ApiError } from "@massif/api";
import { connect } from "./connection.ts";
import { bytes, moment } from "./figures.ts";
import { homeFolder, livingOwner } from "./home-files.ts";
import type { Session } from "./session.ts";

export interface Check {
  readonly name: string;
  /** `note`: worth knowing, nothing broken. */
  readonly state: "ok" | "note" | "failed";
  readonly finding: string;
  readonly cure?: string;
}

/** What can be seen without a server. */
export async function localChecks(session: Session, port: number): Promise<Check[]> {
  const home = homeFolder(session);
  return [
    nodeCheck(),
    simdCheck(),
    sharedMemoryCheck(),
    memoryCheck(),
    await homeCheck(home),
    await diskCheck(home),
    await portCheck(home, port),
  ];
}

/** What the server says of itself. */
export async function serverChecks(session: Session): Promise<Check[]> {
  const signal = AbortSignal.any([session.signal, AbortSignal.timeout(REACH_MS)]);
  try {
    const { client, url } = await connect(session);
    const health = await client.ready({ signal });
    const bad = health.checks
      .filter(({ ok }) => !ok)
      .map(({ name, reason }): Check => {
        return { name, state: "failed", finding: reason ?? "not ready", cure: "See the server's log." };
      });
    const system = await client.system({ signal });
    return [
      { name: "server", state: "ok", finding: `${url}, version ${system.version}, since ${moment(system.startedAt)}` },
      {
        name: "kernels",
        state: "ok",
        finding: `${system.kernelVariant} on ${system.cores} cores (${system.platform})`,
      },
      { name: "database", state: "ok", finding: `${system.database} in ${system.home}` },
      ...bad,
    ];
  } catch (error) {
    session.signal.throwIfAborted();
    return [serverFailure(error, session)];
  }
}

// Internal

const REACH_MS = 5000;
const NEEDED_NODE = [20, 20] as const;
/** Below this an import of a middling file may not fit. */
const NEEDED_DISK_BYTES = 1e9;
const NEEDED_MEMORY_BYTES = 1e9;

// The compiler's own library for Node has no types of WebAssembly.
declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

/** `(func (result v128) (i32x4.splat (i32.const 0)))`: valid only where SIMD is. */
const SIMD_MODULE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  8,
  1,
  6,
  0,
  65,
  0,
  253,
  17,
  11,
);

function nodeCheck(): Check {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const recent = major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1]);
  const finding = `Node ${process.versions.node}`;
  return recent
    ? { name: "Node", state: "ok", finding }
    : { name: "Node", state: "failed", finding, cure: `Install Node ${NEEDED_NODE.join(".")} or newer.` };
}

function simdCheck(): Check {
  return WebAssembly.validate(SIMD_MODULE)
    ? { name: "SIMD", state: "ok", finding: "WebAssembly SIMD" }
    : {
        name: "SIMD",
        state: "failed",
        finding: "no WebAssembly SIMD",
        cure: "Use a processor and a Node with SIMD (x86-64 with SSE4.1, or ARM64).",
      };
}

function sharedMemoryCheck(): Check {
  return typeof SharedArrayBuffer === "function"
    ? { name: "shared memory", state: "ok", finding: `threads on ${os.availableParallelism()} cores` }
    : {
        name: "shared memory",
        state: "note",
        finding: "none: one thread only",
        cure: "Start Node without --no-harmony-sharedarraybuffer.",
      };
}

function memoryCheck(): Check {
  const free = os.freemem();
  const finding = `${bytes(free)} free of ${bytes(os.totalmem())}`;
  return free >= NEEDED_MEMORY_BYTES
    ? { name: "memory", state: "ok", finding }
    : { name: "memory", state: "note", finding, cure: "Close other programs before training on large data." };
}

async function homeCheck(home: string): Promise<Check> {
  const folder = await nearestFolder(home);
  const cure = "Choose a folder you may write: `massif up --home FOLDER`.";
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    // Only writing proves that one may write: access rights know nothing of a read-only or full disk.
    await rm(await mkdtemp(path.join(folder, ".massif-doctor-")), { recursive: true });
  } catch (error) {
    return { name: "home", state: "failed", finding: `${home}: ${(error as Error).message}`, cure };
  }
  return { name: "home", state: "ok", finding: folder === home ? home : `${home} (made at the first start)` };
}

async function diskCheck(home: string): Promise<Check> {
  const { bavail, bsize } = await statfs(await nearestFolder(home));
  const finding = `${bytes(bavail * bsize)} free`;
  return bavail * bsize >= NEEDED_DISK_BYTES
    ? { name: "disk", state: "ok", finding }
    : { name: "disk", state: "failed", finding, cure: "Free at least 1 GB, or choose another disk with `--home`." };
}

async function portCheck(home: string, port: number): Promise<Check> {
  const owner = await livingOwner(home);
  if (owner?.url !== undefined && new URL(owner.url).port === String(port)) {
    return { name: "port", state: "ok", finding: `${port}: used by the server of this home` };
  }
  return (await isFree(port))
    ? { name: "port", state: "ok", finding: `${port} is free` }
    : {
        name: "port",
        state: "note",
        finding: `another program listens on ${port}`,
        cure: "Choose another: `massif up --port PORT`.",
      };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

async function nearestFolder(home: string): Promise<string> {
  for (let folder = home; ; folder = path.dirname(folder)) {
    try {
      await access(folder);
      return folder;
    } catch {
      if (folder === path.dirname(folder)) return folder;
    }
  }
}

// A server that nobody has started is no fault; one that was named and does not answer is.
function serverFailure(error: unknown, { options, environment }: Session): Check {
  const named = Boolean(options.url ?? environment.MASSIF_URL);
  if (error instanceof ApiError) {
    const state = error.code === "SERVER_UNREACHABLE" && !named ? "note" : "failed";
    return { name: "server", state, finding: error.message, cure: error.cure };
  }
  return { name: "server", state: "failed", finding: "does not answer in time", cure: "Look at the server's log." };
}
