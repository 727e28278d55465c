// The server that runs from a given home folder, if one does.
import { createClient } from "@massif/api";
import type { Connection } from "./connection.ts";
import { livingOwner, readCredentials } from "./home-files.ts";

/** The connection to the process that holds `home`; undefined when none does, or its key is not kept there. */
export async function connectionOf(home: string): Promise<Connection | undefined> {
  const owner = await livingOwner(home);
  const key = (await readCredentials(home))?.key;
  if (owner?.url === undefined || key === undefined) return undefined;
  return { client: createClient({ url: owner.url, key }), url: owner.url, key };
}
