// What a command knows before it talks to a server: home folder, address, key, names and requests.
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { connect } from "../src/connection.ts";
import { homeFolder, readCredentials, writeCredentials } from "../src/home-files.ts";
import { nameOf } from "../src/import-file.ts";
import { candidatesFromFile, collectParam } from "../src/training-request.ts";
import { VERSION } from "../src/version.ts";
import { sampleSession } from "./sample-session.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "massif-home-"));
  // `os.homedir` asks for HOME each time.
  vi.stubEnv("HOME", home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

test("the version is the package's", () => {
  expect(VERSION).toBe(manifest.version);
});

test("the home folder is the option, else MASSIF_HOME, else ~/.massif", () => {
  const environment = { MASSIF_HOME: "/from/environment" };
  expect(homeFolder(sampleSession({ options: { home: "/given" }, environment }))).toBe("/given");
  expect(homeFolder(sampleSession({ environment }))).toBe("/from/environment");
  expect(homeFolder(sampleSession())).toBe(path.join(home, ".massif"));
});

test("credentials are for this user's eyes only", async () => {
  await writeCredentials(path.join(home, "new"), { url: "http://h", key: "secret" });
  expect((await stat(path.join(home, "new", "credentials.json"))).mode & 0o777).toBe(0o600);
  expect(await readCredentials(path.join(home, "new"))).toEqual({ url: "http://h", key: "secret" });
  expect(await readCredentials(path.join(home, "none"))).toBeUndefined();
});

describe("the connection", () => {
  const stored = { url: "http://127.0.0.1:1111", key: "stored" };
  beforeEach(() => writeCredentials(path.join(home, ".massif"), stored));

  test("is the one kept in the home folder when nothing is said", async () => {
    expect(await connect(sampleSession())).toMatchObject(stored);
  });

  test("follows the address of the server that runs now", async () => {
    const owner = { pid: process.pid, url: "http://127.0.0.1:2222", startedAt: "2026-01-01T00:00:00Z" };
    await writeFile(path.join(home, ".massif", "server.json"), JSON.stringify(owner));
    expect(await connect(sampleSession())).toMatchObject({ url: owner.url, key: "stored" });
  });

  test("never sends a kept key to another server", async () => {
    const options = { url: "http://elsewhere:1111" };
    expect((await connect(sampleSession({ options }))).key).toBeUndefined();
    const same = { url: `${stored.url}/` };
    expect((await connect(sampleSession({ options: same }))).key).toBe("stored");
  });

  test("prefers options to the environment, and the environment to the home folder", async () => {
    const environment = { MASSIF_URL: "http://environment", MASSIF_API_KEY: "environment" };
    expect(await connect(sampleSession({ environment }))).toMatchObject({
      url: "http://environment",
      key: "environment",
    });
    const options = { url: "http://option", key: "option" };
    expect(await connect(sampleSession({ options, environment }))).toMatchObject({
      url: "http://option",
      key: "option",
    });
  });

  test("finds a quickstart that runs when no other server does", async () => {
    const folder = path.join(home, ".massif", "quickstart");
    const owner = { pid: process.pid, url: "http://127.0.0.1:3333", startedAt: "2026-01-01T00:00:00Z" };
    await writeCredentials(folder, { url: owner.url, key: "quick" });
    await writeFile(path.join(folder, "server.json"), JSON.stringify(owner));
    expect(await connect(sampleSession())).toMatchObject({ url: owner.url, key: "quick" });
  });

  test("says what is wrong with an address, and when no server is known", async () => {
    await expect(connect(sampleSession({ options: { url: "localhost:80" } }))).rejects.toThrow(
      "`--url` must be an http address",
    );
    const empty = path.join(home, "empty");
    await mkdir(empty);
    await expect(connect(sampleSession({ options: { home: empty } }))).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
    });
  });
});

describe("data set names", () => {
  test.each([
    ["/a/Sales 2026.csv", "sales_2026"],
    ["2026-sales.tar.csv", "sales_tar"],
    ["Übung.csv", "bung"],
    [`${"a".repeat(80)}.csv`, "a".repeat(63)],
  ])("of %s is %s", (file, name) => {
    expect(nameOf(file)).toBe(name);
  });

  test("that cannot be made are asked for", () => {
    expect(() => nameOf("2026.csv")).toThrow("pass `--name`");
  });
});

describe("training requests", () => {
  test("read parameters as JSON where they can be, else as text", () => {
    const pairs = ["alpha=0.5", "fitIntercept=false", "method=sgd", "rate=null", 'columns=["a"]', "text=a=b"];
    const params = pairs.reduce<Record<string, unknown>>((before, pair) => collectParam(pair, before), {});
    expect(params).toEqual({ alpha: 0.5, fitIntercept: false, method: "sgd", rate: null, columns: ["a"], text: "a=b" });
    expect(() => collectParam("alpha")).toThrow("name=value");
    expect(() => collectParam("alpha=1", { alpha: 2 })).toThrow("given twice");
  });

  test("take pipelines and candidates from a file, one or many", async () => {
    const file = path.join(home, "pipelines.json");
    const pipeline = { steps: [], estimator: { type: "Ridge" } };
    await writeFile(file, JSON.stringify([pipeline, { estimator: "Ridge", label: "mine" }]));
    expect(await candidatesFromFile(file)).toEqual([{ pipeline }, { estimator: "Ridge", label: "mine" }]);
    await writeFile(file, JSON.stringify(pipeline));
    expect(await candidatesFromFile(file)).toEqual([{ pipeline }]);
  });

  test.each([
    ["{", "is not valid JSON"],
    ["[]", "holds no pipeline"],
    ['{"estimator": "Ridge", "pipeline": {"steps": [], "estimator": {"type": "Ridge"}}}', "give either"],
    ['[{"estimator": "Ridge"}, {"steps": [], "estimator": {}}]', "entry 2: `pipeline.estimator.type`"],
  ])("say what is wrong with %s", async (text, message) => {
    const file = path.join(home, "wrong.json");
    await writeFile(file, text);
    await expect(candidatesFromFile(file)).rejects.toThrow(message);
  });
});
