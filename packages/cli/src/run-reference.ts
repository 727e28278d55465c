// How a run is named on the command line: by its id, or as the latest one.
import { ApiError, type Client } from "@massif/api";

/** The id that `given` stands for; `latest` is the newest run. Throws NOT_FOUND when there is none. */
export async function runIdOf(client: Client, given: string, signal: AbortSignal): Promise<string> {
  if (given !== "latest") return given;
  const [newest] = await client.listRuns({ query: { limit: 1 }, signal });
  if (newest === undefined) throw new ApiError("NOT_FOUND", "there is no run yet, so none is the latest");
  return newest.id;
}
