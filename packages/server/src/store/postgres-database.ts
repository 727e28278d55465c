// A PostgreSQL server by `DATABASE_URL`. The only place that knows node-postgres: what its driver returns differently
// from the embedded one is levelled here.
import { DatabaseError, Pool, type PoolConfig, types } from "pg";
import { codeOf, StoreError, toStoreError, unreachable } from "./errors.ts";

// Type numbers of pg_type: both drivers then give bigint as number, or as BigInt beyond 2^53.
const INT8 = 20;

/** What may be set on the connection to a server. */
export interface PostgresOptions {
  /** Most connections of this process; the queue takes a few more of its own. */
  readonly connections?: number;
  readonly onError?: (error: unknown) => void;
}

/** Opens a pool; connects only when the first query runs. */
export function openPostgresPool(url: string, { connections = 10, onError = () => {} }: PostgresOptions = {}): Pool {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new StoreError("DATABASE_UNREACHABLE", "DATABASE_URL must begin with postgres:// or postgresql://.");
  }
  const config: PoolConfig = {
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    application_name: "massif",
    // A server whose machine is gone says nothing: the system then asks whether it is there.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: (oid, format) => (Number(oid) === INT8 ? parseBigint : types.getTypeParser(oid, format)) },
  };
  const pool = new Pool(config);
  // An idle connection that the server closes is reported here and replaced at the next query.
  pool.on("error", onError);
  return pool;
}

/**
 * What a query or a connection failed of. Whatever is neither the server's own answer nor a fault of ours came from
 * the connection; the driver gives such errors no code.
 */
export function toServerError(error: unknown): unknown {
  const known = toStoreError(error, "the database");
  if (known !== error || error instanceof DatabaseError) return known;
  const isFault = error instanceof TypeError || error instanceof RangeError || codeOf(error) !== undefined;
  return error instanceof Error && !isFault ? unreachable("the connection broke", error) : error;
}

function parseBigint(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
