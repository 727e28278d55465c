// Registering a run's model as the next version, as `models register`, `train --register` and `compare --register` do.
import type { Client, ModelVersion } from "@massif/api";
import { bytes } from "./figures.ts";
import type { Session } from "./session.ts";

/** Registers `run` under the model's name. */
export function registerRun(
  client: Client,
  body: { readonly name: string; readonly run: string; readonly alias?: string },
  session: Session,
): Promise<ModelVersion> {
  return client.registerModel({ body, signal: session.signal });
}

/** What was registered, and the next command. */
export function registrationText(version: ModelVersion): string {
  return [
    `registered ${version.model} version ${version.version} (${version.estimator}, ${bytes(version.bytes)})`,
    `next: massif deploy ${version.model}`,
  ].join("\n");
}
