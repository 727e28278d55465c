// kill -9 at many moments of one busy session: whatever the moment, a restart finds everything that was acknowledged,
// in a state that makes sense, and finishes what was begun.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Random } from "@massif/learn";
import { expect, test } from "vitest";
import { exampleFile, isRunning, startServerProcess, until } from "../servers.ts";
import { newHome } from "../stores.ts";

const ROUNDS = 12;
/** Longer than one round of work takes, so that all of its moments are met. */
const LONGEST_MS = 4000;

test(`${ROUNDS} kills at random moments lose nothing that was acknowledged`, async () => {
  const random = new Random(2026);
  const home = await newHome();
  const versions: { name: string; version: number }[] = [];
  const runs: string[] = [];
  const models: number[] = [];
  let deployed = 0;
  let key: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServerProcess(home);
    key ??= server.adminKey as string;
    const client = server.client(key);
    for (const { name, version } of versions) {
      const found = await until(async () => {
        const now = await client.getDatasetVersion({ params: { name, version } });
        return now.status === "importing" ? undefined : now;
      });
      expect(found).toMatchObject({ status: "ready", rows: 344, error: null });
    }
    for (const id of runs) {
      const ended = await until(async () => {
        const run = await client.getRun({ params: { id } });
        return run.finishedAt === null ? undefined : run;
      });
      expect(ended).toMatchObject({ status: "succeeded", error: null });
    }
    if (models.length > 0) {
      const { versions: kept } = await client.getModel({ params: { name: "model" } });
      expect(kept.map(({ version }) => version)).toEqual(expect.arrayContaining(models));
      expect(kept.map(({ version }) => version)).toEqual(kept.map((_, i) => kept.length - i));
    }
    if (deployed > 0)
      expect((await client.getEndpoint({ params: { name: "model" } })).version).toBeGreaterThanOrEqual(deployed);
    const work = async () => {
      const { dataset, version } = await client.importDataset({
        query: { name: "penguins", filename: "penguins.csv" },
        file: exampleFile("penguins.csv"),
      });
      versions.push({ name: dataset, version });
      await until(async () =>
        (await client.getDataset({ params: { name: dataset } })).status === "ready" ? true : undefined,
      );
      const candidate = { estimator: "DecisionTreeClassifier" };
      const { id } = await client.createRun({ body: { dataset, target: "species", candidate, seed: round } });
      runs.push(id);
      for await (const _ of client.watchRun({ params: { id } }));
      const registered = await client.registerModel({ body: { name: "model", run: id } });
      models.push(registered.version);
      deployed = (await client.deploy({ params: { name: "model" }, body: { model: "model" } })).version;
    };
    const busy = work().catch((error) => error);
    await new Promise((resolve) => setTimeout(resolve, random.uniform() * LONGEST_MS));
    const children = childrenOf(server.pid);
    await server.child.kill();
    const error = await busy;
    if (error !== undefined) expect(error).toSatisfy(isBrokenConnection);
    await until(() => (children.some(isRunning) ? undefined : true), 3);
  }
  rmSync(join(home, ".."), { recursive: true, force: true });
});

// Internal

/** A call that found no server, or a stream that broke off. */
function isBrokenConnection(error: unknown): boolean {
  return (
    error instanceof Error && (("code" in error && error.code === "SERVER_UNREACHABLE") || error instanceof TypeError)
  );
}

function childrenOf(pid: number): number[] {
  if (process.platform !== "linux") return [];
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}
