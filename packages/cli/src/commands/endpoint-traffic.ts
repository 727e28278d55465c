// `massif endpoints set-weights|promote|rollback|policy`: who answers an endpoint's requests, and how.
import { ApiError, type Client, type Endpoint } from "@massif/api";
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import { addServingOptions, type ServingOptions, servingPolicy } from "../serving-options.ts";
import { policyText, trafficText } from "../serving-view.ts";
import type { Session } from "../session.ts";

/** Adds the commands to `massif endpoints`. */
export function addEndpointTraffic(endpoints: Command, session: Session): void {
  addSetWeights(endpoints, session);
  addPromote(endpoints, session);
  addRollback(endpoints, session);
  addPolicy(endpoints, session);
}

// Internal

function addSetWeights(endpoints: Command, session: Session): void {
  addCommand(endpoints, "set-weights <name> <weights...>", {
    summary: "share an endpoint's traffic among its variants, in percent",
    examples: [
      ["massif endpoints set-weights shop 1=50 2=50", "versions by number"],
      ["massif endpoints set-weights shop prices@1=0 prices@2=100", "by model and version"],
    ],
  }).action((name: string, weights: string[]) => {
    const body = { weights: Object.fromEntries(weights.map(weightOf)) };
    return changed(session, (client) => client.setWeights({ params: { name }, body, signal: session.signal }));
  });
}

function addPromote(endpoints: Command, session: Session): void {
  addCommand(endpoints, "promote <name> [version]", {
    summary: "give one variant all of an endpoint's traffic",
    examples: [
      ["massif endpoints promote shop", "the newest variant"],
      ["massif endpoints promote shop 2", "version 2"],
    ],
  }).action((name: string, version: string | undefined) =>
    changed(session, (client) =>
      client.promote({ params: { name }, body: variantOf(version), signal: session.signal }),
    ),
  );
}

function addRollback(endpoints: Command, session: Session): void {
  addCommand(endpoints, "rollback <name>", {
    summary: "go back to the deployment before the present one, at once",
    description:
      "Go back to the deployment before the present one. Its replicas stay loaded for a while (keepPreviousSeconds), so the change takes effect at once. Once more goes forward again.",
    examples: [["massif endpoints rollback shop", "as it was before the last change of its traffic"]],
  }).action((name: string) =>
    changed(session, (client) => client.rollback({ params: { name }, signal: session.signal })),
  );
}

function addPolicy(endpoints: Command, session: Session): void {
  const command = addCommand(endpoints, "policy <name>", {
    summary: "show or change how an endpoint scales, batches and queues",
    examples: [
      ["massif endpoints policy shop", "all settings"],
      ["massif endpoints policy shop --min 0 --max 4", "scale to zero when nobody calls"],
      ["massif endpoints policy shop --set stableWindowSeconds=30 --set queueLimit=200", "any setting"],
    ],
  });
  addServingOptions(command).action(async (name: string, options: ServingOptions) => {
    const policy = servingPolicy(options);
    const { client } = await connect(session);
    const { signal } = session;
    const endpoint =
      policy === undefined
        ? await client.getEndpoint({ params: { name }, signal })
        : await client.setServingPolicy({ params: { name }, body: policy, signal });
    session.answer(endpoint.policy, () => policyText(endpoint, session));
  });
}

async function changed(session: Session, change: (client: Client) => Promise<Endpoint>): Promise<void> {
  const { client } = await connect(session);
  const endpoint = await change(client);
  session.answer(endpoint, () => trafficText(endpoint, session));
}

function weightOf(text: string): [string, number] {
  const found = /^([a-z0-9_@-]+)=(\d{1,3})$/.exec(text);
  if (found === null) {
    const problem = `a weight is written VERSION=PERCENT, such as 2=10, got "${text}"`;
    throw new ApiError("INVALID_REQUEST", problem, { details: [{ field: "weights", value: text, problem }] });
  }
  return [found[1], Number(found[2])];
}

function variantOf(text: string | undefined): { model?: string; version?: number } {
  if (text === undefined) return {};
  const found = /^(?:([a-z][a-z0-9_-]*)@)?(\d+)$/.exec(text);
  if (found !== null) return { ...(found[1] === undefined ? {} : { model: found[1] }), version: Number(found[2]) };
  const problem = `a version is a number, or MODEL@VERSION, got "${text}"`;
  throw new ApiError("INVALID_REQUEST", problem, { details: [{ field: "version", value: text, problem }] });
}
