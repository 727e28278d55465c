// kill -9 again and again from an append to the decision of the policy it triggers: one run, one version, one outcome.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Client, Policy } from "@massif/api";
import { afterAll, expect, test } from "vitest";
import { importAndWait, type ServerProcess, startServerProcess, trainAndWait, until } from "../servers.ts";
import { newHome } from "../stores.ts";

const home = await newHome();
let server: ServerProcess;
let key: string | undefined;
let client: Client;

async function start(): Promise<void> {
  server = await startServerProcess(home);
  key ??= server.adminKey as string;
  client = server.client(key);
}

async function kill(): Promise<void> {
  await server.child.kill();
  await start();
}

async function retrainings(): Promise<Policy["retrainings"]> {
  return (await client.getPolicy({ params: { name: "line" } })).retrainings;
}

afterAll(async () => {
  await server.child.kill();
  rmSync(join(home, ".."), { recursive: true, force: true });
});

function rows(from: number, count: number, shift: number): Uint8Array {
  const lines = Array.from({ length: count }, (_, i) => {
    const a = ((from + i) * 7919) % 1000;
    return `${a},${2 * a + shift + ((i * 31) % 17)}`;
  });
  return new TextEncoder().encode(`a,y\n${lines.join("\n")}\n`);
}

test.runIf(process.platform === "linux")(
  "a trigger gives one run and one version, wherever the server is killed",
  async () => {
    await start();
    await importAndWait(client, { name: "flow", file: rows(0, 400, 0) });
    const candidate = { estimator: "GradientDescentRegressor" };
    const run = await trainAndWait(client, { dataset: "flow", target: "y", candidate });
    await client.registerModel({ body: { name: "line", run: run.id, alias: "production" } });
    await client.setPolicy({ params: { name: "line" }, body: { dataset: "flow", everyRows: 100 } });
    const query = { filename: "more.csv", fillMissing: "false" };
    await client.appendRows({ params: { name: "flow" }, query, file: rows(400, 400, 500) });
    // Killed during the import, as soon as the policy was triggered, and during the training: each job dies once.
    await kill();
    await until(async () => ((await retrainings()).length > 0 ? true : undefined), 120);
    await kill();
    await until(async () => ((await retrainings()).some(({ status }) => status !== "waiting") ? true : undefined), 120);
    await kill();
    const policy = await until(async (): Promise<Policy | undefined> => {
      const found = await client.getPolicy({ params: { name: "line" } });
      return found.retrainings.some(({ finishedAt }) => finishedAt !== null) ? found : undefined;
    }, 120);
    expect(policy.retrainings).toHaveLength(1);
    expect(policy.retrainings[0]).toMatchObject({ status: "moved", modelVersion: 2, datasetVersion: 2 });
    const model = await client.getModel({ params: { name: "line" } });
    expect(model.versions.map(({ version, aliases }) => [version, aliases])).toEqual([
      [2, ["production"]],
      [1, []],
    ]);
    expect(await client.listRuns({ query: { dataset: "flow" } })).toHaveLength(2);
    const audit = await client.audit({ query: { limit: 100 } });
    expect(audit.filter(({ action }) => action === "policies.moved")).toHaveLength(1);
  },
  240_000,
);
