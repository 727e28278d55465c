// The newcomer's command on all 53,940 rows: the result, the pasted lines, and a second time on the same home.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Cost } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LeaderboardRow } from "../src/leaderboard.ts";
import { ROOT, run, start } from "./cli-process.ts";

const execute = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "massif-quickstart-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface QuickstartAnswer {
  readonly leaderboard: LeaderboardRow[];
  readonly endpoint: { readonly name: string; readonly url: string };
  readonly prediction: number;
  readonly cost: Cost;
  readonly seconds: number;
}

test("prints one JSON object with a leaderboard of at least ten pipelines, best first", async () => {
  const { code, stdout } = await run([
    "quickstart",
    "--once",
    "--json",
    "--port",
    "0",
    "--home",
    path.join(folder, "home"),
  ]);
  expect(code).toBe(0);
  const answer = JSON.parse(stdout) as QuickstartAnswer;
  expect(answer.leaderboard.length).toBeGreaterThanOrEqual(10);
  const errors = answer.leaderboard.map(({ metrics }) => metrics.rmse);
  expect(errors).toEqual([...errors].sort((a, b) => a - b));
  expect(answer.leaderboard[0].metrics.r2).toBeGreaterThanOrEqual(0.975);
  for (const { metrics, fitSeconds, predictMicros } of answer.leaderboard) {
    for (const value of [metrics.mae, metrics.r2, fitSeconds, predictMicros]) expect(value).toEqual(expect.any(Number));
  }
  expect(answer.endpoint).toEqual({
    name: "diamonds",
    url: expect.stringMatching(/\/v1\/endpoints\/diamonds\/predict$/),
  });
  expect(answer.prediction).toBeGreaterThan(10_000);
  expect(answer.cost.amount).toBeGreaterThan(0);
  expect(answer.seconds).toBeGreaterThan(0);
});

test("works again on the same home, and its lines work when pasted", async () => {
  const quickstart = start(["quickstart", "--port", "0", "--home", path.join(folder, "home")]);
  await quickstart.until(/until Ctrl-C/);
  const { stdout } = quickstart.output;
  const answer = Number(stdout.match(/^answer +([\d,.]+)/m)?.[1].replaceAll(",", ""));

  const curl = stdout.match(/^curl .*$/m)?.[0] ?? "";
  const shell = await execute("sh", ["-c", curl]);
  expect(Math.abs(JSON.parse(shell.stdout).predictions[0] - answer)).toBeLessThan(0.1);

  const source = stdout.slice(stdout.indexOf("// A typed call"), stdout.indexOf("\nServing at"));
  const file = path.join(folder, "predict.mts");
  await writeFile(file, source);
  const key = stdout.match(/^MASSIF_API_KEY=(\S+) /m)?.[1];
  const tsx = path.join(ROOT, "node_modules/tsx/dist/cli.mjs");
  const typed = await execute(process.execPath, [tsx, file], { env: { ...process.env, MASSIF_API_KEY: key } });
  expect(typed.stdout).toMatch(/^\d+(\.\d+)? \{ amount: /);

  quickstart.child.kill("SIGINT");
  expect((await quickstart.ended).code).toBe(130);
});
