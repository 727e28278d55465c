// The key quickstart calls its endpoint with: role `predict`, made once per home and kept there, so that lines pasted
// from an earlier start go on working.
import path from "node:path";
import { ApiError, type Client, createClient } from "@massif/api";
import { readJson, writePrivateJson } from "./home-files.ts";

export interface PredictionKey {
  readonly secret: string;
  readonly client: Client;
}

/** The kept key if the server still takes it, else a new one. */
export async function predictionKey(
  server: { readonly client: Client; readonly url: string; readonly home: string },
  signal: AbortSignal,
): Promise<PredictionKey> {
  const file = path.join(server.home, "quickstart-key.json");
  const kept = ((await readJson(file)) as { readonly secret?: unknown } | undefined)?.secret;
  if (typeof kept === "string") {
    const client = createClient({ url: server.url, key: kept });
    if (await isTaken(client, signal)) return { secret: kept, client };
  }
  const { secret } = await server.client.createKey({ body: { name: "quickstart", role: "predict" }, signal });
  await writePrivateJson(file, { secret });
  return { secret, client: createClient({ url: server.url, key: secret }) };
}

// Internal

// A key of this role may ask for the types of an endpoint; asking for one that does not exist costs nothing.
async function isTaken(client: Client, signal: AbortSignal): Promise<boolean> {
  try {
    await client.getEndpointTypes({ params: { name: "none" }, signal });
    return true;
  } catch (error) {
    if (error instanceof ApiError) return error.code === "NOT_FOUND";
    throw error;
  }
}
