// Where announcements come from: the embedded engine tells its own process; a PostgreSQL server tells every process
// that listens, over a connection of its own that is made again whenever it breaks.
import { randomUUID } from "node:crypto";
import type { PGlite } from "@electric-sql/pglite";
import { Client } from "pg";
import { CHANGE_CHANNEL, type ChangeSource } from "./change-feed.ts";

/** Hears changes of an embedded database, which has no other process. */
export function embeddedChanges(pglite: PGlite): ChangeSource {
  let unlisten: (() => Promise<void>) | undefined;
  return {
    live: true,
    async start({ heard }) {
      unlisten = await pglite.listen(CHANGE_CHANNEL, heard);
    },
    async stop() {
      // A closed engine has nothing left to tell.
      if (!pglite.closed) await unlisten?.();
    },
  };
}

/** What may be set on hearing from a server. */
export interface ServerChangesOptions {
  /** Told about a broken connection, which is made again by itself. */
  readonly onError?: (error: unknown) => void;
}

/** How soon changes that could not be heard are noticed by looking again. */
const LOOK_MS = 1000;
/** How often the connection proves that what is sent on it is heard. */
const PROVE_MS = 15_000;
/** How long a connection may take to be made or proved. */
const PATIENCE_MS = 5000;

/** Hears changes of a PostgreSQL server; connects in the background and never fails. */
export function serverChanges(url: string, { onError = () => {} }: ServerChangesOptions = {}): ChangeSource {
  return new ServerChanges(url, onError);
}

// Internal

type Ears = Parameters<ChangeSource["start"]>[0];

class ServerChanges implements ChangeSource {
  readonly #url: string;
  readonly #onError: (error: unknown) => void;
  #ears: Ears | undefined;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #proof: { readonly token: string; readonly at: number } | undefined;
  #provedAt = Number.NEGATIVE_INFINITY;
  #connecting: Promise<void> | undefined;

  constructor(url: string, onError: (error: unknown) => void) {
    this.#url = url;
    this.#onError = onError;
  }

  get live(): boolean {
    return this.#client !== undefined && performance.now() - this.#provedAt < PROVE_MS + PATIENCE_MS;
  }

  async start(ears: Ears): Promise<void> {
    this.#ears = ears;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
    await this.#connect();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#ears = undefined;
    await this.#connecting;
    await this.#drop();
  }

  // Internal

  #look(): void {
    if (this.#client === undefined) void this.#connect();
    else if (this.#proof !== undefined && performance.now() - this.#proof.at > PATIENCE_MS) void this.#drop();
    else if (this.#proof === undefined && performance.now() - this.#provedAt > PROVE_MS) void this.#prove(this.#client);
    if (!this.live) this.#ears?.unsure();
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#connectNow().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connectNow(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      application_name: "massif-changes",
      connectionTimeoutMillis: PATIENCE_MS,
      keepAlive: true,
    });
    const broken = (error: unknown) => {
      if (error !== undefined) this.#onError(error);
      if (this.#client === client) this.#client = undefined;
    };
    client.on("error", broken);
    client.on("end", () => broken(undefined));
    client.on("notification", ({ payload = "" }) => this.#hear(payload));
    try {
      await client.connect();
      await client.query(`listen ${CHANGE_CHANNEL}`);
    } catch (error) {
      this.#onError(error);
      await client.end().catch(() => undefined);
      return;
    }
    if (this.#ears === undefined) return client.end();
    this.#client = client;
    await this.#prove(client);
  }

  /** A pooler may take LISTEN and never deliver: what we send ourselves must come back. */
  async #prove(client: Client): Promise<void> {
    const token = randomUUID();
    this.#proof = { token, at: performance.now() };
    try {
      await client.query("select pg_notify($1, $2)", [CHANGE_CHANNEL, `proof ${token}`]);
    } catch (error) {
      this.#onError(error);
      await this.#drop();
    }
  }

  #hear(payload: string): void {
    if (!payload.startsWith("proof ")) {
      this.#ears?.heard(payload);
      return;
    }
    if (payload !== `proof ${this.#proof?.token}`) return;
    const late = !this.live;
    this.#proof = undefined;
    this.#provedAt = performance.now();
    // What was told before this connection listened was told to nobody.
    if (late) this.#ears?.unsure();
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#proof = undefined;
    this.#provedAt = Number.NEGATIVE_INFINITY;
    await client?.end().catch(() => undefined);
  }
}
