// The server about itself: health with reasons, what it runs on, what it can learn, what was changed.
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import type { AuditEntry, CatalogueEntry, Health, SystemInfo } from "@massif/api";
import { type ComponentDescription, describeCatalogue, describeParam } from "@massif/learn";
import { listAudit } from "../store/audit.ts";
import { pingDatabase } from "../store/ping.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";

/** What is known at start. */
export interface SystemFacts {
  readonly version: string;
  readonly home: string;
  readonly cores: number;
  readonly startedAt: Date;
  startupSeconds(): number;
  /** False before everything is loaded and while the server stops. */
  accepting(): boolean;
}

/** Free bytes below which an upload could fill the disk. */
const LEAST_FREE_BYTES = 200e6;
const DATABASE_MS = 3000;

/** Answers about the server. */
export class System {
  readonly #means: Means;
  readonly #facts: SystemFacts;

  constructor(means: Means, facts: SystemFacts) {
    this.#means = means;
    this.#facts = facts;
  }

  /** Whether the process answers at all. */
  live(): Health {
    return { status: "ok", checks: [] };
  }

  /** Whether work can be done, with the reason when not. */
  async ready(): Promise<Health> {
    const checks = [
      check("server", this.#facts.accepting() ? null : "the server is starting or stopping"),
      check("database", await this.#databaseProblem()),
      check("disk", await this.#diskProblem()),
    ];
    return { status: checks.every(({ ok }) => ok) ? "ok" : "unhealthy", checks };
  }

  info(): SystemInfo {
    const { version, home, cores, startedAt, startupSeconds } = this.#facts;
    return {
      version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      database: this.#means.store.kind === "embedded" ? "pglite" : "postgres",
      home,
      cores: Math.min(cores, availableParallelism()),
      kernelVariant: "simd",
      memoryBytes: totalmem(),
      startedAt: startedAt.toISOString(),
      startupSeconds: startupSeconds(),
    };
  }

  /** Everything that can be part of a pipeline. */
  catalogue(): CatalogueEntry[] {
    return describeCatalogue().map(catalogueEntry);
  }

  /** Latest changes, newest first. */
  async audit({ projectId }: Caller, limit: number): Promise<AuditEntry[]> {
    const rows = await listAudit(this.#means.store.db, { projectId, limit });
    return rows.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      key: row.key_id,
      action: row.action,
      resource: row.resource ?? "",
      detail: (row.detail ?? {}) as AuditEntry["detail"],
      requestId: row.request_id,
    }));
  }

  // Internal

  async #databaseProblem(): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`the database did not answer within ${DATABASE_MS / 1000} s`), DATABASE_MS);
    });
    const asked = pingDatabase(this.#means.store.db).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #diskProblem(): Promise<string | null> {
    const { bavail, bsize } = await statfs(this.#facts.home);
    const free = bavail * bsize;
    return free >= LEAST_FREE_BYTES ? null : `only ${Math.round(free / 1e6)} MB are free at ${this.#facts.home}`;
  }
}

// Internal

function check(name: string, reason: string | null): Health["checks"][number] {
  return { name, ok: reason === null, reason };
}

function catalogueEntry(component: ComponentDescription): CatalogueEntry {
  const { name, kind, doc, source, params } = component;
  const described = Object.entries(params).map(([param, declared]) => {
    const value = declared.default;
    const shown = {
      type: declared.type,
      default: Array.isArray(value) ? [...value] : value,
      allowed: describeParam(declared),
      choices: declared.type === "choice" ? [...declared.choices] : null,
      doc: declared.doc,
    };
    return [param, shown];
  });
  const task = component.kind === "estimator" ? component.task : null;
  return { name, kind, task, doc, source, params: Object.fromEntries(described) };
}
