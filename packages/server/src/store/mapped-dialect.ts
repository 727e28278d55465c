// A Kysely dialect around another, on which every failure passes one place: where driver errors become StoreErrors.
import type { DatabaseConnection, Dialect, Driver } from "kysely";

/** Turns what a driver threw into what is thrown on. */
export type ErrorMap = (error: unknown) => unknown;

/** The same dialect with the errors of its connections mapped. */
export function mappedDialect(inner: Dialect, map: ErrorMap): Dialect {
  return {
    createAdapter: () => inner.createAdapter(),
    createQueryCompiler: () => inner.createQueryCompiler(),
    createIntrospector: (db) => inner.createIntrospector(db),
    createDriver: () => mapDriver(inner.createDriver(), map),
  };
}

function mapDriver(driver: Driver, map: ErrorMap): Driver {
  const mapped = new WeakSet<DatabaseConnection>();
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async (...args) => {
    const connection = await rethrow(acquire(...args), map);
    if (!mapped.has(connection)) {
      mapped.add(connection);
      const execute = connection.executeQuery.bind(connection);
      connection.executeQuery = (...query: Parameters<typeof execute>) => rethrow(execute(...query), map) as never;
    }
    return connection;
  };
  const commit = driver.commitTransaction.bind(driver);
  driver.commitTransaction = (...args) => rethrow(commit(...args), map);
  return driver;
}

async function rethrow<T>(work: Promise<T>, map: ErrorMap): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw map(error);
  }
}
