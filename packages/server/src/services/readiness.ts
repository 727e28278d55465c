// Whether the server can do its work, part by part. What concerns everything makes it unhealthy, so that a load balancer
// sends requests elsewhere; one endpoint that cannot be loaded does not, or it would take the others with it.
import { access, constants, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Health } from "@massif/api";
import { listRunningEndpoints } from "../store/endpoints.ts";
import { pingDatabase } from "../store/ping.ts";
import type { Means } from "./means.ts";

/** What readiness asks of the server. */
export interface ReadinessFacts {
  readonly home: string;
  /** False before everything is loaded and while the server stops. */
  accepting(): boolean;
  /** How the variants of the endpoints that are loaded stand. */
  replicas(): readonly { readonly endpoint: string; readonly ready: number; readonly desired: number }[];
}

type Check = Health["checks"][number];
type Finding = Pick<Check, "reason" | "note">;

/** Free bytes below which an upload could fill the disk. */
const LEAST_FREE_BYTES = 200e6;
const DATABASE_MS = 3000;
/** Workers that were last heard of before this are history. */
const LATELY_MS = 3600_000;
const FINE: Finding = { reason: null, note: null };

/** Checks the parts of a server. */
export class Readiness {
  readonly #means: Means;
  readonly #facts: ReadinessFacts;

  constructor(means: Means, facts: ReadinessFacts) {
    this.#means = means;
    this.#facts = facts;
  }

  /** Every part, with the reason where one fails. */
  async check(): Promise<Health> {
    const database = await this.#database();
    const essential = [
      named("server", this.#facts.accepting() ? FINE : bad("the server is starting or stopping")),
      named("database", database),
      named("files", await this.#files()),
      named("disk", await this.#disk()),
    ];
    // What only the database knows is not asked of one that does not answer.
    const others =
      database.reason === null
        ? [
            named("queue", await this.#queue().catch(failed)),
            named("endpoints", await this.#endpoints().catch(failed)),
            named("workers", await this.#workers().catch(failed)),
          ]
        : [];
    const checks = [...essential, ...others];
    const status = essential.some(({ ok }) => !ok) ? "unhealthy" : checks.every(({ ok }) => ok) ? "ok" : "degraded";
    return { status, checks };
  }

  // Internal

  async #database(): Promise<Finding> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Finding>((resolve) => {
      timer = setTimeout(() => resolve(bad(`the database did not answer within ${DATABASE_MS / 1000} s`)), DATABASE_MS);
    });
    const { store } = this.#means;
    const live = store.changes.live ? "" : "; changes by other servers are looked for once a second";
    const asked = pingDatabase(store.db).then(() => good(`${store.kind}${live}`), failed);
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #files(): Promise<Finding> {
    const folder = join(this.#facts.home, "blobs");
    try {
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      return good(folder);
    } catch (error) {
      return bad(`the folder ${folder} cannot be read and written (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  async #disk(): Promise<Finding> {
    try {
      const { bavail, bsize } = await statfs(this.#facts.home);
      const free = bavail * bsize;
      const text = `${Math.round(free / 1e6)} MB are free at ${this.#facts.home}`;
      return free >= LEAST_FREE_BYTES ? good(text) : bad(`only ${text}`);
    } catch (error) {
      return failed(error);
    }
  }

  async #queue(): Promise<Finding> {
    const waiting = Object.entries(await this.#means.queue.depth()).filter(([, count]) => count > 0);
    return good(waiting.length === 0 ? "nothing waits" : `waiting: ${waiting.map((one) => one.join(" ")).join(", ")}`);
  }

  async #endpoints(): Promise<Finding> {
    const loaded = this.#facts.replicas();
    const names = new Set(loaded.map(({ endpoint }) => endpoint));
    const missing = (await listRunningEndpoints(this.#means.store.db)).filter(({ name }) => !names.has(name));
    const lost = missing.map(({ name }) => `"${name}" is not loaded`);
    const bare = loaded.filter(({ ready, desired }) => desired > 0 && ready === 0);
    const waiting = bare.map(({ endpoint, desired }) => `"${endpoint}" has none of its ${desired} replicas`);
    if (lost.length + waiting.length > 0) return bad([...lost, ...waiting].join("; "));
    return good(`${names.size} loaded, ${loaded.reduce((sum, { ready }) => sum + ready, 0)} replicas`);
  }

  async #workers(): Promise<Finding> {
    const { queue, clock } = this.#means;
    const lately = (await queue.workers()).filter(({ seenAt }) => clock() - seenAt.getTime() < LATELY_MS);
    const told = lately.map(({ name, host, pid, live, running, seenAt }) => {
      const work = running === 0 ? "" : `, ${running} running`;
      return `${name} ${host}:${pid}${live ? work : `, not heard of since ${seenAt.toISOString()}`}`;
    });
    return good(told.join("; "));
  }
}

// Internal

function named(name: string, { reason, note }: Finding): Check {
  return { name, ok: reason === null, reason, note };
}

function good(note: string): Finding {
  return { reason: null, note };
}

function bad(reason: string): Finding {
  return { reason, note: null };
}

function failed(error: unknown): Finding {
  return bad(error instanceof Error ? error.message : String(error));
}
