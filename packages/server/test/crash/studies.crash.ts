// kill -9 of servers and trial processes in the middle of a study, again and again: no trial is lost, none is counted
// twice, and each has the parameters it began with.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Client, TrialReports } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, isRunning, type ServerProcess, startServerProcess, until } from "../servers.ts";
import { templateHome } from "../stores.ts";

let home: string;
let server: ServerProcess;
let key: string;
let client: Client;

async function start(): Promise<void> {
  server = await startServerProcess(home);
  key ??= server.adminKey as string;
  client = server.client(key);
}

beforeAll(async () => {
  home = await templateHome();
  await start();
  await importAndWait(client, { name: "diabetes", file: exampleFile("diabetes.csv") });
}, 180_000);
afterAll(async () => {
  await server?.child.kill();
  rmSync(join(home, ".."), { recursive: true, force: true });
});

describe.runIf(process.platform === "linux")("a study whose", () => {
  const TRIALS = 16;
  /** Servers start slowly where everything else runs too. */
  const PATIENCE = 300_000;

  async function begin(name: string): Promise<void> {
    await client.createStudy({
      body: {
        name,
        dataset: "diabetes",
        target: "progression",
        candidate: { estimator: "GradientBoostingRegressor", params: { maxDepth: 3 } },
        space: {
          learningRate: true,
          nEstimators: { type: "int", min: 100, max: 400 },
          subsample: { type: "float", min: 0.5, max: 1 },
        },
        pruner: { name: "halving", minResource: 20 },
        trials: TRIALS,
        parallel: 2,
      },
    });
  }

  const trialsOf = (name: string) => client.listTrials({ params: { name } });

  /** Waits until so many trials have begun. */
  const begun = (name: string, count: number) =>
    until(async () => ((await trialsOf(name)).length >= count ? true : undefined), 240);

  /** What was seen of a trial before a kill holds after it. */
  function expectKept(before: readonly TrialReports[], after: readonly TrialReports[]): void {
    for (const old of before) {
      const trial = after[old.number];
      expect(trial.params).toEqual(old.params);
      if (old.state === "complete" || old.state === "pruned") {
        expect(trial).toMatchObject({ state: old.state, value: old.value, attempts: old.attempts });
      }
    }
  }

  async function expectWhole(name: string): Promise<void> {
    const study = await until(async () => {
      const found = await client.getStudy({ params: { name } });
      return found.status === "running" ? undefined : found;
    }, 240);
    expect(study).toMatchObject({ status: "finished", error: null, counts: { waiting: 0, running: 0, failed: 0 } });
    expect(study.counts.complete + study.counts.pruned).toBe(TRIALS);
    const trials = await trialsOf(name);
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: TRIALS }, (_, i) => i));
    expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(TRIALS);
    const runs = await client.listRuns({ query: { dataset: "diabetes" } });
    expect(runs.filter(({ label }) => label.includes(`(${name})`)).map(({ id }) => id)).toEqual([study.run]);
  }

  test("server is killed again and again goes on after each start", { timeout: PATIENCE }, async () => {
    await begin("servers");
    for (const count of [3, 9]) {
      await begun("servers", count);
      const before = await trialsOf("servers");
      const children = childrenOf(server.pid);
      await server.child.kill();
      await until(() => (children.some(isRunning) ? undefined : true), 10);
      await start();
      expectKept(before, await trialsOf("servers"));
    }
    await expectWhole("servers");
  });

  test("trial processes are killed goes on with new ones", { timeout: PATIENCE }, async () => {
    await begin("processes");
    for (const count of [2, 6, 11]) {
      await begun("processes", count);
      const before = await trialsOf("processes");
      for (const pid of childrenOf(server.pid)) process.kill(pid, "SIGKILL");
      expectKept(before, await trialsOf("processes"));
    }
    await expectWhole("processes");
    expect((await trialsOf("processes")).some(({ attempts }) => attempts > 1)).toBe(true);
  });
});

// Internal

function childrenOf(pid: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((candidate) => {
    try {
      const stat = readFileSync(`/proc/${candidate}/stat`, "utf8");
      // After the name in parentheses: state, then the parent's pid.
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === pid && state !== "Z";
    } catch {
      return false;
    }
  });
}
