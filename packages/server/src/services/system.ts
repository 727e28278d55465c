// The server about itself: health with reasons, what it runs on, what it can learn, what was changed.
import { availableParallelism, totalmem } from "node:os";
import type { AuditEntry, CatalogueEntry, Health, SystemInfo } from "@massif/api";
import { type ComponentDescription, describeCatalogue, describeParam } from "@massif/learn";
import { listAudit } from "../store/audit.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import { Readiness, type ReadinessFacts } from "./readiness.ts";

/** What is known at start. */
export interface SystemFacts extends ReadinessFacts {
  readonly version: string;
  readonly cores: number;
  readonly startedAt: Date;
  startupSeconds(): number;
}

/** Answers about the server. */
export class System {
  readonly #means: Means;
  readonly #facts: SystemFacts;
  readonly #readiness: Readiness;

  constructor(means: Means, facts: SystemFacts) {
    this.#means = means;
    this.#facts = facts;
    this.#readiness = new Readiness(means, facts);
  }

  /** Whether the process answers at all. */
  live(): Health {
    return { status: "ok", checks: [] };
  }

  /** Whether work can be done, part by part, with the reasons. */
  ready(): Promise<Health> {
    return this.#readiness.check();
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
}

// Internal

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
  const weighs = component.kind === "estimator" ? component.weighs : null;
  return { name, kind, task, weighs, doc, source, params: Object.fromEntries(described) };
}
