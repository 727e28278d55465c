// Two ranks on each of two hosts: the model is that of one host, and a cut link ends the attempt soon.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TaskDied } from "../../src/runtime/task-error.ts";
import type { TrainTask } from "../../src/runtime/train-protocol.ts";
import { isRunning, until } from "../servers.ts";
import { Folder, localRanks, ranksUnder, train } from "./groups.ts";
import { TwoHosts } from "./two-hosts.ts";

const folder = new Folder();
const hosts = openHosts();
let data: string;

beforeAll(async () => {
  data = await folder.version("diamonds");
});
afterAll(() => {
  if (hosts instanceof TwoHosts) hosts.destroy();
  folder.destroy();
});

/** What a training started on the first host says. */
interface Said {
  readonly progress?: { readonly step?: number };
  readonly ranks?: { readonly communicationSeconds: number };
  readonly failure?: { readonly name: string; readonly kind: string; readonly message: string };
}

describe.runIf(hosts instanceof TwoHosts)("two ranks on each of two hosts", () => {
  it("give the model of one rank, byte for byte", async () => {
    const make = () => folder.task(data, "GradientBoostingRegressor", { params: { nEstimators: 10 } });
    const one = await train({ ...make(), ranks: localRanks(1) });
    const task = { ...make(), ranks: (hosts as TwoHosts).plan(2) };
    const last = (await said(task)).at(-1);
    expect(last?.failure).toBeUndefined();
    expect(last?.ranks?.communicationSeconds).toBeGreaterThan(0);
    expect(readFileSync(task.output).equals(one.model)).toBe(true);
  });

  it("end within 15 s when the link is cut, and go on from the checkpoint", async () => {
    const params = { nEstimators: 3000 };
    const checkpoint = { path: join(folder.path, "cut.safetensors"), everyMs: 100 };
    const make = (rounds: number) =>
      folder.task(data, "GradientBoostingRegressor", { params: { ...params, nEstimators: rounds }, checkpoint });
    const task = { ...make(3000), ranks: (hosts as TwoHosts).plan(2) };
    let cutAt = 0;
    const lines = await said(task, ({ progress }) => {
      if (cutAt > 0 || (progress?.step ?? 0) < 3) return;
      (hosts as TwoHosts).cut();
      cutAt = performance.now();
    });
    const seconds = (performance.now() - cutAt) / 1000;
    expect(lines.at(-1)?.failure).toMatchObject({ name: "TaskDied", kind: "killed" });
    expect(lines.at(-1)?.failure?.message).toContain("lost its ranks");
    expect(seconds).toBeLessThan(15);
    const left = ranksUnder(folder.path).ranks;
    await until(() => (left.some(isRunning) ? undefined : true), 15);
    const enough = new AbortController();
    const steps: number[] = [];
    const again = train(
      { ...make(3000), ranks: localRanks(4) },
      {
        signal: enough.signal,
        onProgress: ({ step }) => {
          if (typeof step !== "number") return;
          steps.push(step);
          enough.abort();
        },
      },
    );
    await expect(again).rejects.toThrow(TaskDied);
    expect(steps[0]).toBeGreaterThan(3);
  });
});

/** Trains on the first host and waits for the end; `hear` is told every line when it comes. */
async function said(task: TrainTask, hear: (line: Said) => void = () => undefined): Promise<Said[]> {
  const file = join(folder.path, "task.json");
  writeFileSync(file, JSON.stringify(task));
  const script = fileURLToPath(new URL("./train-process.mjs", import.meta.url));
  const child = (hosts as TwoHosts).run(script, file);
  const lines: Said[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const parsed = JSON.parse(line) as Said;
    lines.push(parsed);
    hear(parsed);
  }
  return lines;
}

function openHosts(): TwoHosts | undefined {
  try {
    return new TwoHosts(folder.path);
  } catch (error) {
    const reason = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    process.stdout.write(`the tests on two hosts are left out: network namespaces cannot be made here (${reason})\n`);
    return undefined;
  }
}
