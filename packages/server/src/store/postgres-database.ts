// A PostgreSQL server by `DATABASE_URL`. The only place that knows node-postgres: what its driver returns differently
// from the embedded one is levelled here.
import { Pool, type PoolConfig, types } from "pg";
import { StoreError } from "./errors.ts";

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
    types: { getTypeParser: (oid, format) => (Number(oid) === INT8 ? parseBigint : types.getTypeParser(oid, format)) },
  };
  const pool = new Pool(config);
  // An idle connection that the server closes is reported here and replaced at the next query.
  pool.on("error", onError);
  return pool;
}

function parseBigint(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
