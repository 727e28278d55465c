// Two servers on one database and one folder: what one changes, the other acts upon.
import type { Client } from "@massif/api";
import { Client as Connection } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseOf } from "../databases.ts";
import {
  exampleFile,
  importAndWait,
  type ServerProcess,
  startServerProcess,
  startTestServer,
  type TestServer,
  trainAndWait,
  until,
} from "../servers.ts";

const ROW = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: 0.2 };

let here: TestServer;
let there: ServerProcess;
let other: Client;

const register = async (estimator: string) => {
  const run = await trainAndWait(here.client, { dataset: "iris", target: "species", candidate: { estimator } });
  return here.client.registerModel({ body: { name: "iris", run: run.id } });
};
const versionAt = async (client: Client) =>
  (await client.predict({ params: { name: "iris" }, body: { rows: [ROW] } })).model.version;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error) => (error as { code?: string }).code,
  );

beforeAll(async () => {
  here = await startTestServer();
  there = await startServerProcess(here.home);
  other = there.client(here.key);
  await importAndWait(here.client, { name: "iris", file: exampleFile("iris.csv") });
  await register("MajorityClassifier");
});
afterAll(async () => {
  there.child.process.kill("SIGTERM");
  await there.child.exit();
  await here.destroy();
});

test("a deployment, a newer one, and a stop at one are followed by the other", async () => {
  await here.client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
  expect(await versionAt(other)).toBe(1);
  await register("DecisionTreeClassifier");
  await here.client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
  await until(async () => (await versionAt(other)) === 2 || undefined, 20);
  await other.deploy({ params: { name: "iris" }, body: { model: "iris", version: 1 } });
  await until(async () => (await versionAt(here.client)) === 1 || undefined, 20);
  await here.client.stopEndpoint({ params: { name: "iris" } });
  await until(async () => (await codeOf(versionAt(other))) === "ENDPOINT_STOPPED" || undefined, 20);
  await other.deploy({ params: { name: "iris" }, body: { model: "iris" } });
  await until(async () => (await codeOf(versionAt(here.client))) === "none" || undefined, 20);
});

test("a key that one revokes is refused by the other, and a budget that one sets stops spending at the other", async () => {
  const member = await here.client.createKey({ body: { name: "shared", role: "member" } });
  const client = there.client(member.secret);
  expect(await codeOf(versionAt(client))).toBe("none");
  await here.client.setKeyLimits({ params: { id: member.id }, body: { monthlyBudget: 0 } });
  await until(async () => (await codeOf(versionAt(client))) === "BUDGET_EXCEEDED" || undefined, 20);
  await here.client.setKeyLimits({ params: { id: member.id }, body: { monthlyBudget: null } });
  await until(async () => (await codeOf(versionAt(client))) === "none" || undefined, 20);
  await here.client.revokeKey({ params: { id: member.id } });
  await until(async () => (await codeOf(versionAt(client))) === "UNAUTHENTICATED" || undefined, 20);
});

test("an alias that one moves is the other's alias, too", async () => {
  await here.client.setAlias({ params: { name: "iris", alias: "live" }, body: { version: 1 } });
  const [alias] = (await other.getModel({ params: { name: "iris" } })).versions.filter(({ aliases }) =>
    aliases.includes("live"),
  );
  expect(alias.version).toBe(1);
});

test("the events of a run reach watchers at both servers, all of them and in order", async () => {
  const candidate = { estimator: "GradientBoostingClassifier", params: { nEstimators: 60 } };
  const { id } = await here.client.createRun({ body: { dataset: "iris", target: "species", candidate } });
  const seqs = async (client: Client) => {
    const seen: number[] = [];
    for await (const { seq } of client.watchRun({ params: { id } })) seen.push(seq);
    return seen;
  };
  const [mine, theirs] = await Promise.all([seqs(here.client), seqs(other)]);
  expect(mine).toEqual(mine.map((_, i) => i + 1));
  expect(theirs).toEqual(mine);
});

test("changes are followed also when the connection that hears of them was cut", async () => {
  const connection = new Connection({ connectionString: await databaseOf(here.home) });
  await connection.connect();
  await connection.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'massif-changes' and datname = current_database()",
  );
  await connection.end();
  const before = await versionAt(here.client);
  await other.deploy({ params: { name: "iris" }, body: { model: "iris", version: before === 1 ? 2 : 1 } });
  await until(async () => (await versionAt(here.client)) !== before || undefined, 20);
});
