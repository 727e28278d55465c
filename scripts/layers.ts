// The import table of docs/architecture.md as data, and the check of one import against it. npm workspaces alone do
// not stop an undeclared import.

/** What each package may import of ours. `types` allows only type imports. */
export const PACKAGES: Readonly<Record<string, Readonly<Record<string, "code" | "types">>>> = {
  kernels: {},
  learn: { kernels: "code" },
  tune: {},
  data: { learn: "types" },
  api: {},
  charts: { api: "types" },
  mpi: { learn: "types" },
  server: { api: "code", learn: "code", tune: "code", data: "code", mpi: "code", charts: "code" },
  console: { api: "code", charts: "code" },
  cli: { api: "code", charts: "code", server: "code" },
};

/** Files that alone may use an arrow: the CLI reaches the server only to start it. */
export const ONLY_IN: Readonly<Record<string, readonly string[]>> = { "cli -> server": ["server-host.ts"] };

/** Inside `server`: what the files of a folder may import. */
export const SERVER_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": [
    "open-means.ts",
    "options.ts",
    "restore.ts",
    "scratch.ts",
    "worker.ts",
    "http",
    "jobs",
    "services",
    "store",
    "queue",
    "blobs",
    "runtime",
  ],
  "restore.ts": ["services", "store", "queue", "blobs"],
  "worker.ts": ["open-means.ts", "options.ts", "services"],
  "open-means.ts": ["options.ts", "scratch.ts", "jobs", "services", "store", "queue", "blobs", "runtime"],
  "options.ts": ["services", "runtime"],
  "scratch.ts": [],
  http: ["services"],
  // Jobs decide by how a task died whether it is done again, so they know the runtime's deaths.
  jobs: ["services", "queue", "runtime"],
  services: ["store", "queue", "blobs", "runtime"],
  queue: ["store"],
  store: [],
  blobs: ["store"],
  runtime: ["blobs"],
};

/** Inside `learn`: families import these, and never one another. */
export const LEARN_SHARED: readonly string[] = ["base", "matrix"];
export const LEARN_FAMILIES: readonly string[] = [
  "linear",
  "tree",
  "ensemble",
  "neighbors",
  "outliers",
  "svm",
  "bayes",
  "network",
  "cluster",
  "decompose",
  "recommend",
  "baseline",
  "preprocess",
  "select",
  "meta",
];
export const LEARN_EXCEPTIONS: readonly string[] = ["ensemble -> tree", "meta -> validate"];

export interface Import {
  /** Path from `packages/`, with `/`: `server/src/http/errors.ts`. */
  readonly file: string;
  /** Path of the imported file from `packages/`, or `@massif/name`. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Why the import is not allowed, or null. */
export function violation(one: Import): string | null {
  const [from, , ...rest] = one.file.split("/");
  if (one.to.startsWith("@massif/")) return packageViolation(from, rest.join("/"), one);
  const [target, , ...targetRest] = one.to.split("/");
  if (target !== from) return `reaches into ${target} by path; import @massif/${target}`;
  if (from === "server") return folderViolation(rest[0], targetRest[0]);
  if (from === "learn") return familyViolation(rest[0], targetRest[0]);
  return null;
}

// Internal

function packageViolation(from: string, file: string, one: Import): string | null {
  const to = one.to.split("/")[1];
  if (to === from) return "imports its own package by name; use a relative path";
  const allowed = PACKAGES[from]?.[to];
  if (allowed === undefined) return `${from} may not import ${to}`;
  if (allowed === "types" && !one.typeOnly) return `${from} may import only types of ${to}`;
  const only = ONLY_IN[`${from} -> ${to}`];
  if (only !== undefined && !only.some((name) => file.endsWith(name)))
    return `only ${only.join(", ")} may import ${to}`;
  return null;
}

function folderViolation(from: string, to: string): string | null {
  if (from === to) return null;
  if (from === undefined || SERVER_FOLDERS[from] === undefined) return `server/src/${from} is no folder of the table`;
  return SERVER_FOLDERS[from].includes(to) ? null : `server/${from} may not import server/${to}`;
}

function familyViolation(from: string, to: string): string | null {
  if (from === to || !LEARN_FAMILIES.includes(from) || LEARN_SHARED.includes(to)) return null;
  return LEARN_EXCEPTIONS.includes(`${from} -> ${to}`) ? null : `learn/${from} may not import learn/${to}`;
}
