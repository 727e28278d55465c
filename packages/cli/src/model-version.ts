// Which version of a model is meant: `NAME`, `NAME@NUMBER` or `NAME@ALIAS`.
import { ApiError, type Client, type ModelVersion } from "@massif/api";
import type { Session } from "./session.ts";

/** The version by number or alias, the newest when neither is given; throws NOT_FOUND. */
export async function findVersion(client: Client, which: string, { signal }: Session): Promise<ModelVersion> {
  const [name, wanted] = which.split("@");
  const { versions } = await client.getModel({ params: { name }, signal });
  if (wanted === undefined) return versions.reduce((best, each) => (each.version > best.version ? each : best));
  const found = versions.find(({ version, aliases }) => String(version) === wanted || aliases.includes(wanted));
  if (found === undefined) throw new ApiError("NOT_FOUND", `the model "${name}" has no version or alias "${wanted}"`);
  return found;
}
