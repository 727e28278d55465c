// The doors that a user walks through, on the built command line against a real server.
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Dataset, DatasetVersion, Endpoint, Model, NewKey, Run, SqlResult, Usage } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseEnvironment, SERVER_URL } from "../../server/test/databases.ts";
import type { LeaderboardRow } from "../src/leaderboard.ts";
import { BIN, exampleData, run, startTestServer, type TestServer } from "./cli-process.ts";

let server: TestServer;
let folder: string;
beforeAll(async () => {
  [server, folder] = await Promise.all([startTestServer(), mkdtemp(path.join(os.tmpdir(), "massif-files-"))]);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

interface LeaderboardAnswer {
  readonly leaderboard: LeaderboardRow[];
  readonly failed: unknown[];
  readonly best: string;
}

describe("help", () => {
  test("is printed by every command, with examples", async () => {
    const { stdout, code } = await run(["--help"]);
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name).filter((name) => name !== "help");
    expect(names.length).toBeGreaterThanOrEqual(15);
    const helps = await Promise.all(["up", "predict", "train", "compare"].map((name) => run([name, "--help"])));
    for (const help of helps) expect(help.stdout).toMatch(/Usage: massif \w+[\s\S]*Examples:\n {2}/);
  });

  test("of train lists the estimators and their parameters while a server runs", async () => {
    expect((await server.run(["train", "--help"])).stdout).toMatch(/Ridge \(regression, weighs rows\)\n +Linear/);
    expect((await server.run(["train", "--estimator", "Ridge", "--help"])).stdout).toMatch(
      /Ridge \(regression, weighs rows\)[\s\S]*alpha=1 {2}a number >= 0/,
    );
    expect((await run(["train", "--help"])).stdout).toContain("are listed here while a server runs");
  });
});

describe("from a file to an answer", () => {
  test("data is imported, shown, listed and queried", async () => {
    const version = await server.json<DatasetVersion>(["data", "import", exampleData("penguins.csv")]);
    expect(version).toMatchObject({ dataset: "penguins", version: 1, status: "ready", rows: 344 });
    const { stdout } = await server.run(["data", "show", "penguins"]);
    expect(stdout).toMatch(/body_mass_g +number +2 +94 +2,700 +4,201\.8 +6,300 +[▁▂▃▄▅▆▇█ ]+\n/);
    const list = await server.json<Dataset[]>(["data", "list"]);
    expect(list.map(({ name }) => name)).toEqual(["penguins"]);
    const result = await server.json<SqlResult>(["data", "sql", "SELECT count(*) AS n FROM penguins"]);
    expect(result).toMatchObject({ columns: [{ name: "n" }], rows: [[344]], truncated: false });
  });

  test("a run is trained with parameters, shown and registered", async () => {
    const args = ["train", "penguins", "--target", "species", "--estimator", "DecisionTreeClassifier"];
    const trained = await server.json<Run>([...args, "--param", "maxDepth=3", "--label", "tree", "--seed", "7"]);
    expect(trained).toMatchObject({ status: "succeeded", label: "tree", seed: 7, task: "classification" });
    expect(trained.pipeline.estimator.params).toMatchObject({ maxDepth: 3 });
    expect(trained.metrics?.accuracy).toBeGreaterThan(0.9);
    const shown = await server.run(["runs", "show", trained.id]);
    expect(shown.stdout).toMatch(/accuracy +0\.9/);
    const watched = await server.run(["runs", "watch", trained.id]);
    expect(watched).toMatchObject({ code: 0, stderr: expect.stringMatching(/^tree: .*accuracy 0\.9/) });
    await server.json(["models", "register", trained.id, "--name", "penguins", "--alias", "production"]);
    await server.json(["models", "alias", "penguins", "staging", "1"]);
    const models = await server.json<Model[]>(["models", "list"]);
    expect(models[0].versions[0].aliases.sort()).toEqual(["production", "staging"]);
  });

  test("a pipeline file is trained, and a run need not be waited for", async () => {
    const file = path.join(folder, "pipeline.json");
    const steps = [{ type: "SimpleImputer" }, { type: "OneHotEncoder" }, { type: "StandardScaler" }];
    await writeFile(file, JSON.stringify({ steps, estimator: { type: "Ridge", params: { alpha: 2 } } }));
    const args = ["train", "penguins", "--target", "body_mass_g", "--pipeline", file];
    const begun = await server.json<Run>([...args, "--no-wait"]);
    expect(["queued", "running"]).toContain(begun.status);
    const ended = await server.json<Run>(["runs", "watch", begun.id]);
    expect(ended).toMatchObject({ status: "succeeded", pipeline: { steps } });
  });

  test("a comparison prints the leaderboard, best first", async () => {
    const args = [
      "compare",
      "penguins",
      "--target",
      "body_mass_g",
      "--estimators",
      "MeanRegressor,DecisionTreeRegressor",
    ];
    const answer = await server.json<LeaderboardAnswer>(args);
    expect(answer.leaderboard.map(({ estimator }) => estimator)).toEqual(["DecisionTreeRegressor", "MeanRegressor"]);
    for (const { metrics, fitSeconds, predictMicros } of answer.leaderboard) {
      expect(metrics).toMatchObject({ rmse: expect.any(Number), mae: expect.any(Number), r2: expect.any(Number) });
      expect([typeof fitSeconds, typeof predictMicros]).toEqual(["number", "number"]);
    }
    expect(answer.failed).toEqual([]);
    expect((await server.json<Run>(["runs", "show", answer.best])).label).toBe("DecisionTreeRegressor");
  });

  test("a model is deployed and predicts a row, files and standard input", async () => {
    const endpoint = await server.json<Endpoint & { url: string }>(["deploy", "penguins", "--version", "production"]);
    expect(endpoint.url).toBe(`${server.url}/v1/endpoints/penguins/predict`);
    const row = {
      island: "Biscoe",
      beak_length_mm: 50,
      beak_depth_mm: 15,
      flipper_length_mm: 220,
      body_mass_g: 5000,
      sex: "MALE",
    };
    const one = await server.json<{ prediction: { class: string } }>([
      "predict",
      "penguins",
      "--row",
      JSON.stringify(row),
    ]);
    expect(one.prediction.class).toBe("Gentoo");
    const slip = await server.run(["predict", "penguins", "--row", JSON.stringify({ ...row, body_mass: 1 })]);
    expect(slip).toMatchObject({ code: 2, stderr: expect.stringContaining('"body_mass" is not an input') });
    const out = path.join(folder, "out.csv");
    const args = ["predict", "penguins", "--file", exampleData("penguins.csv"), "--batch", "100"];
    expect(await server.json([...args, "--out", out])).toMatchObject({ out, rows: 344, cost: { currency: "USD" } });
    const lines = (await readFile(out, "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(345);
    expect(lines[0]).toMatch(/^species,island,.*,predicted_species,probability_Adelie,/);
    const wrong = lines.slice(1).filter((line) => line.split(",")[0] !== line.split(",")[7]);
    expect(wrong.length).toBeLessThan(20);
    const collected = await server.json<{ predictions: unknown[] }>(args);
    expect(collected.predictions).toHaveLength(344);
    const piped = await server.run(["predict", "penguins", "--file", "-", "--format", "jsonl"], {
      input: JSON.stringify(row),
    });
    expect(JSON.parse(piped.stdout)).toMatchObject({ ...row, predicted_species: "Gentoo" });
  });

  test("a prediction is explained as a table of what each column adds, and a file by means", async () => {
    const file = ["--file", exampleData("penguins.csv")];
    const means = await server.run(["explain", "penguins", ...file, "--class", "Gentoo"]);
    expect(means.stdout).toMatch(/^probability of Gentoo, over 344 rows: 0\.\d+ on average/);
    expect(means.stdout).toMatch(/\ncolumn +moves by +mean\n\w+ +0\.\d+ +[-+]0.*│█{12}\n/);
    const row = { island: "Biscoe", beak_length_mm: 50, beak_depth_mm: 15, flipper_length_mm: 220, body_mass_g: 5000 };
    const args = ["explain", "penguins@production", "--row", JSON.stringify({ ...row, sex: null })];
    const one = await server.run(args);
    expect(one.stdout).toMatch(/^species: Gentoo\nprobability of Gentoo: 0\.\d+ on average, 0?\.?\d+ for this row\n/);
    expect(one.stdout).toMatch(/\nflipper_length_mm +220 +[-+]?0.*│█*\n/);
    expect(await server.json(args)).toMatchObject({ method: "trees", columns: expect.any(Array) });
  });

  test("the endpoint is shown, typed, stopped and refused", async () => {
    expect((await server.run(["endpoints", "show", "penguins"])).stdout).toMatch(
      /massif predict penguins --row '\{"island":/,
    );
    expect((await server.run(["endpoints", "types", "penguins"])).stdout).toContain("export async function predict");
    expect(await server.json(["endpoints", "list"])).toMatchObject([{ name: "penguins", status: "running" }]);
    expect(await server.json(["endpoints", "stop", "penguins"])).toMatchObject({ status: "stopped" });
    const out = path.join(folder, "refused.csv");
    const refused = await server.run(["predict", "penguins", "--file", exampleData("penguins.csv"), "--out", out]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error ENDPOINT_STOPPED: .*\nDeploy it again/),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith("refused"))).toEqual([]);
  });

  test("keys are made, work, and are revoked; usage and audit tell of it all", async () => {
    const key = await server.json<NewKey>(["keys", "create", "bot", "--role", "viewer"]);
    const url = ["--url", server.url, "--key", key.secret];
    expect((await run(["data", "list", ...url])).code).toBe(0);
    const forbidden = await run(["keys", "list", ...url]);
    expect(forbidden).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error FORBIDDEN: /) });
    await server.json(["keys", "revoke", key.id]);
    expect(await run(["data", "list", ...url])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^error UNAUTHENTICATED: /),
    });
    expect((await server.run(["keys", "list"])).stdout).toMatch(/bot +viewer .* revoked/);
    const usage = await server.json<Usage>(["usage", "--by", "kind"]);
    expect(usage.total.rows).toBeGreaterThanOrEqual(344);
    expect((await server.run(["audit"])).stdout).toMatch(/keys\.create/);
  });
});

describe("wrong input", () => {
  // One line that says what, one that says what to do, and the exit code of the error table.
  const cases: [args: string[], code: number, message: RegExp][] = [
    [["trian"], 2, /unknown command 'trian' \(Did you mean train\?\)/],
    [["data", "list", "--colour"], 2, /unknown option '--colour'/],
    [["data", "import"], 2, /missing required argument 'file'/],
    [["data", "import", "/nope.csv"], 2, /INVALID_FILE: there is no file \/nope\.csv/],
    [["data", "import", os.tmpdir()], 2, /is a folder, not a file/],
    [["data", "import", BIN, "--format", "xml"], 2, /Give one of csv, tsv, json, parquet/],
    [["data", "show", "nope"], 2, /NOT_FOUND: .*nope/],
    [["data", "sql", "DROP TABLE penguins"], 2, /INVALID_SQL/],
    [["train", "penguins", "--estimator", "Ridge"], 2, /INVALID_TARGET: no target is named/],
    [["train", "penguins", "--target", "species"], 2, /give either --estimator or --pipeline/],
    [["train", "penguins", "--target", "nope", "--estimator", "Ridge"], 2, /INVALID_TARGET: .*nope/],
    [["train", "penguins", "--target", "species", "--estimator", "Nope"], 2, /INVALID_PIPELINE: .*Nope/],
    [["train", "penguins", "--target", "sex", "--estimator", "Ridge", "--param", "x"], 2, /name=value/],
    [["train", "penguins", "--target", "sex", "--estimator", "Ridge", "--test-fraction", "1"], 2, /between 0 and 1/],
    [["compare", "penguins", "--target", "sex", "--estimators", "a,,b"], 2, /separated by commas/],
    [["runs", "show", "nope"], 2, /NOT_FOUND/],
    [["runs", "list", "--status", "asleep"], 2, /Give one of queued/],
    [["models", "register", "nope", "--name", "m"], 2, /NOT_FOUND/],
    [["models", "register", "nope", "--name", "Bad Name"], 2, /INVALID_REQUEST: .*lower-case/],
    [["models", "alias", "penguins", "x"], 2, /give either a version or --remove/],
    [["deploy", "nope"], 2, /NOT_FOUND/],
    [["predict", "nope", "--row", "{}"], 2, /NOT_FOUND/],
    [["predict", "nope"], 2, /give one of --row, --file and --input/],
    [["explain", "nope", "--row", "{}"], 2, /NOT_FOUND/],
    [["explain", "penguins@none", "--row", "{}"], 2, /has no version or alias "none"/],
    [["explain", "penguins"], 2, /give one of --row and --file/],
    [["endpoints", "stop", "nope"], 2, /NOT_FOUND/],
    [["keys", "create", "bot", "--role", "king"], 2, /Give one of admin, member, viewer, predict/],
    [["keys", "revoke", "nope"], 2, /NOT_FOUND/],
    [["usage", "--by", "mood"], 2, /Give one of kind/],
    [["usage", "--from", "yesterday"], 2, /Give a day/],
    [["up", "--port", "70000"], 2, /whole number from 0 to 65535/],
    [["data", "list", "--url", "http://127.0.0.1:1"], 3, /SERVER_UNREACHABLE: .*127\.0\.0\.1:1/],
    [["data", "list", "--url", "nonsense"], 2, /`--url` must be an http address/],
    [["data", "list", "--key", "wrong"], 3, /UNAUTHENTICATED/],
  ];

  test("to any command gives one clear line, the cure and the exit code", async () => {
    const wait = [...cases];
    const worker = async () => {
      for (let next = wait.pop(); next !== undefined; next = wait.pop()) {
        const [args, code, message] = next;
        const result = await server.run(args);
        expect(result, args.join(" ")).toMatchObject({ code, stdout: "" });
        expect(result.stderr).toMatch(message);
        expect(result.stderr, args.join(" ")).toMatch(/(^|\n)error [A-Z_]+: .+\n.+\n/);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  });

  test("with --json is one JSON object on standard output too", async () => {
    const { stdout, code } = await server.run(["data", "show", "nope", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "NOT_FOUND", cure: expect.any(String) } });
    const usage = await server.run(["data", "show", "--json"]);
    expect(JSON.parse(usage.stdout)).toMatchObject({ error: { code: "INVALID_REQUEST" } });
  });

  test("in a file names line and column, and a failed run names the reason", async () => {
    const file = path.join(folder, "ragged.csv");
    await writeFile(file, "a,b\n1,2\n3\n");
    const imported = await server.run(["data", "import", file]);
    expect(imported).toMatchObject({ code: 2, stderr: expect.stringMatching(/error INVALID_FILE: .*line 3/) });
    const args = ["train", "penguins", "--target", "body_mass_g", "--estimator", "GradientDescentRegressor"];
    const diverged = await server.run([...args, "--param", "learningRate=100"]);
    expect(diverged).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error DIVERGED: .*curvature.*\nScale the columns/),
    });
  });

  // On PostgreSQL several servers may share a home.
  test.runIf(SERVER_URL === undefined)("a home that another server holds is said so", async () => {
    const locked = await run(["up", "--home", server.home, "--port", "0"]);
    expect(locked).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/error HOME_LOCKED: .*\nStop that process/),
    });
  });

  test("a port that is taken is said so", async () => {
    const home = path.join(folder, "other-home");
    const args = ["up", "--home", home, "--port", new URL(server.url).port];
    const taken = await run(args, { env: await databaseEnvironment(home) });
    expect(taken).toMatchObject({ code: 3, stderr: expect.stringMatching(/error PORT_IN_USE: .*\nChoose another/) });
  });
});

test("output that nobody reads to its end is no error", async () => {
  const command = `"$0" "$1" data sql "SELECT * FROM range(100000)" --limit 100000 --home "$2" | head -n 1`;
  const child = spawn("sh", ["-c", command, process.execPath, BIN, server.home]);
  let text = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  await new Promise((resolve) => child.once("close", resolve));
  expect(text).toMatch(/^ *range\n$/);
  expect(errors).toBe("");
});

test("doctor finds this machine and the server fit, and says what is not", async () => {
  const fit = await server.json<{ ok: boolean; checks: { name: string; state: string }[] }>([
    "doctor",
    "--port",
    "65123",
  ]);
  expect(fit.ok).toBe(true);
  expect(fit.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["Node", "SIMD", "shared memory", "home", "disk", "port", "server", "kernels", "database"]),
  );
  const file = path.join(folder, "file");
  await writeFile(file, "");
  const unfit = await run(["doctor", "--home", path.join(file, "home"), "--url", "http://127.0.0.1:1"]);
  expect(unfit.code).toBe(1);
  expect(unfit.stdout).toMatch(/✗ home .*\n +→ Choose a folder/);
  expect(unfit.stdout).toMatch(/✗ server .*127\.0\.0\.1:1\n +→ Start one/);
});

test("the worked example agrees with least squares, explains the divergence and draws its charts", async () => {
  const out = path.join(folder, "line");
  interface Fit {
    readonly optimizer: string;
    readonly slope: number;
    readonly intercept: number;
    readonly mse: number;
  }
  interface Line {
    readonly fits: Fit[];
    readonly leastSquares: Fit;
    readonly leastSquaresNoIntercept: Fit;
    readonly diverged: { optimizer: string; learningRate: number; reason: string };
    readonly charts: string[];
  }
  const { fits, leastSquares, leastSquaresNoIntercept, diverged, charts } = await server.json<Line>([
    "example",
    "line",
    "--out",
    out,
  ]);
  // Known values of the example, by numpy.
  expect(leastSquares.slope).toBeCloseTo(2.00139, 5);
  expect(leastSquares.intercept).toBeCloseTo(-0.17421, 5);
  expect(leastSquares.mse).toBeCloseTo(0.8149, 5);
  expect(leastSquaresNoIntercept.slope).toBeCloseTo(1.99879, 5);
  expect(leastSquaresNoIntercept.mse).toBeCloseTo(0.82238, 5);
  expect(fits.map(({ optimizer }) => optimizer)).toEqual(["SGD", "mini-batch", "momentum"]);
  for (const { slope, mse } of fits) {
    expect(Math.abs(slope - leastSquares.slope)).toBeLessThan(1e-3);
    expect(mse / leastSquares.mse).toBeLessThan(1.01);
  }
  expect(diverged).toMatchObject({ optimizer: "batch gradient descent", learningRate: 0.01 });
  expect(diverged.reason).toMatch(/curvature.*StandardScaler.*learningRate/);
  expect(charts.map((file) => path.basename(file))).toEqual(["fits.svg", "differences.svg", "loss.svg", "line.html"]);
  for (const file of charts.slice(0, 3)) expect(await readFile(file, "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  const loss = await readFile(charts[2], "utf8");
  expect(loss).toContain("raw column, rate 0.01 diverges");
});
