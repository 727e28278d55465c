// The door to everything that is kept in the database. One dialect, two engines: PGlite in a home folder, or a
// PostgreSQL server. Services get `db` and `transaction` and cannot tell the two apart.
import { AsyncLocalStorage } from "node:async_hooks";
import { Kysely, type KyselyPlugin, PGliteDialect, PostgresDialect, type Transaction } from "kysely";
import { type ChangeFeed, type ChangeSource, openChangeFeed } from "./change-feed.ts";
import { embeddedChanges, serverChanges } from "./change-sources.ts";
import { type EmbeddedDatabase, type EmbeddedDatabaseOptions, openEmbeddedDatabase } from "./embedded-database.ts";
import { StoreError, toStoreError } from "./errors.ts";
import { type HomePaths, prepareHome } from "./home.ts";
import { acquireHomeLock, type HomeOwner } from "./home-lock.ts";
import { mappedDialect } from "./mapped-dialect.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { openPostgresPool, type PostgresOptions, toServerError } from "./postgres-database.ts";
import { refuseUnfinished } from "./restore-mark.ts";
import type { Schema } from "./schema.ts";

/** What the functions of the table files take: the database, or the transaction in which they shall take part. */
export type Executor = Kysely<Schema> | Transaction<Schema>;

/** How the queue reaches the same database. */
export type StoreConnection =
  | { readonly kind: "embedded"; readonly database: EmbeddedDatabase }
  | { readonly kind: "postgres"; readonly url: string };

/** The open database. */
export interface Store {
  readonly kind: "embedded" | "postgres";
  readonly db: Kysely<Schema>;
  readonly connection: StoreConnection;
  /** News between the processes on this database, for what is kept in memory. */
  readonly changes: ChangeFeed;
  /** Where files are kept; undefined with a server, where no folder is ours. */
  readonly home: HomePaths | undefined;
  /** Runs `work` in one transaction: all of it or nothing; unique violations come out as StoreConflict. */
  transaction<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** Whether the caller runs inside a `transaction` that is still open. */
  inTransaction(): boolean;
  /** Tells others where this process answers; nothing happens with a server. */
  announce(owner: Partial<HomeOwner>): void;
  close(): Promise<void>;
}

/** Where to keep things: a folder of our own, or a server. */
export type StoreOptions = (
  | ({ readonly home: string } & EmbeddedDatabaseOptions)
  | ({ readonly databaseUrl: string } & PostgresOptions)
) & {
  /** Only for a restore: opens a database that is being filled, with the tables as they were after this migration. */
  readonly restoring?: { readonly upTo: string };
};

/** Opens the store and brings its tables up to date; throws StoreError with the codes of `errors.ts`. */
export async function openStore(options: StoreOptions): Promise<Store> {
  return "home" in options ? openEmbedded(options.home, options) : openServer(options.databaseUrl, options);
}

type Restoring = Pick<StoreOptions, "restoring">;

async function openEmbedded(
  home: string,
  { restoring, ...options }: EmbeddedDatabaseOptions & Restoring,
): Promise<Store> {
  const paths = prepareHome(home);
  const lock = await acquireHomeLock(paths);
  try {
    const latest = Object.keys(migrations).at(-1);
    // The prepared database has all tables of this version, and a backup may be older.
    const embedded = await openEmbeddedDatabase(paths, {
      ...options,
      empty: restoring !== undefined && restoring.upTo !== latest,
    });
    return await finish({
      restoring,
      kind: "embedded",
      raw: new Kysely<Schema>({
        dialect: mappedDialect(new PGliteDialect({ pglite: embedded.pglite }), embedded.observe),
      }),
      connection: { kind: "embedded", database: embedded },
      source: embeddedChanges(embedded.pglite),
      assertAlive: embedded.assertAlive,
      home: paths,
      announce: (owner) => lock.announce(owner),
      async shut() {
        try {
          await embedded.close();
        } finally {
          lock.release();
        }
      },
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openServer(url: string, { restoring, ...options }: PostgresOptions & Restoring): Promise<Store> {
  const pool = openPostgresPool(url, options);
  const raw = new Kysely<Schema>({ dialect: mappedDialect(new PostgresDialect({ pool }), toServerError) });
  return finish({
    restoring,
    kind: "postgres",
    raw,
    connection: { kind: "postgres", url },
    source: serverChanges(url, options),
    home: undefined,
    assertAlive: () => {},
    announce: () => {},
    shut: () => raw.destroy(),
  });
}

interface StoreParts extends Pick<Store, "kind" | "connection" | "home" | "announce"> {
  raw: Kysely<Schema>;
  source: ChangeSource;
  restoring: StoreOptions["restoring"];
  assertAlive(): void;
  shut(): Promise<void>;
}

async function finish({ raw, source, restoring, assertAlive, shut, ...rest }: StoreParts): Promise<Store> {
  let changes: Awaited<ReturnType<typeof openChangeFeed>>;
  try {
    if (restoring === undefined) await refuseUnfinished(raw);
    await migrate(raw, restoring?.upTo);
    changes = await openChangeFeed(source);
  } catch (error) {
    await shut();
    throw toStoreError(error, "the database");
  }
  const open = new AsyncLocalStorage<{ active: boolean }>();
  let closing: Promise<void> | undefined;
  return {
    ...rest,
    changes,
    db: raw.withPlugin(guard(open, assertAlive)),
    async transaction(work) {
      assertAlive();
      return runTransaction(raw, { open, work });
    },
    inTransaction: () => open.getStore()?.active === true,
    close: () => (closing ??= changes.stop().then(shut)),
  };
}

type TransactionMark = AsyncLocalStorage<{ active: boolean }>;

async function runTransaction<T>(
  raw: Kysely<Schema>,
  { open, work }: { open: TransactionMark; work: (tx: Transaction<Schema>) => Promise<T> },
): Promise<T> {
  if (open.getStore()?.active) throw outerUse();
  const mark = { active: true };
  return raw.transaction().execute((tx) =>
    open.run(mark, async () => {
      try {
        return await work(tx);
      } finally {
        mark.active = false;
      }
    }),
  );
}

/** The embedded engine has one connection: a query beside an open transaction that waits for it would never end. */
function guard(open: TransactionMark, assertAlive: () => void): KyselyPlugin {
  return {
    transformQuery({ node }) {
      assertAlive();
      if (open.getStore()?.active) throw outerUse();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}

/** The mistake of using the database, or the queue in it, beside an open transaction. */
export function outerUse(): StoreError {
  return new StoreError("MISUSE", "The database was used beside an open transaction. Pass the transaction on instead.");
}
