// Money at the doors of a server: what a request costs, what stops it, and what a kill loses.

import { createClient } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;
const row = { rows: [{ x: 3 }] };

beforeAll(async () => {
  server = await startTestServer();
  const { client } = server;
  await importAndWait(client, { name: "line", file: exampleFile("seed_line.csv") });
  const run = await trainAndWait(client, {
    dataset: "line",
    target: "y",
    candidate: { estimator: "LinearRegression" },
  });
  await client.registerModel({ body: { name: "line", run: run.id } });
  await client.deploy({ params: { name: "line" }, body: { model: "line" } });
});
afterAll(() => server.destroy());

async function keyWith(
  limits: { monthlyBudget?: number; requestsPerMinute?: number },
  role: "predict" | "member" = "predict",
) {
  const key = await server.client.createKey({ body: { name: "limited", role, ...limits } });
  const send = (body: unknown = row) =>
    fetch(`${server.url}/v1/endpoints/line/predict`, {
      method: "POST",
      headers: { authorization: `Bearer ${key.secret}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  return { ...key, send, client: createClient({ url: server.url, key: key.secret }) };
}

describe("a prediction", () => {
  test("says what it cost in a header, which is what is metered", async () => {
    const key = await keyWith({});
    const answer = await key.send();
    const { cost } = (await answer.json()) as { cost: { amount: number; currency: string } };
    expect(answer.headers.get("x-massif-cost")).toBe(`${cost.amount} USD`);
    expect(cost.amount).toBeGreaterThan(0);
    const metered = await until(async () => {
      const { keys } = await server.client.budget();
      return keys.find(({ id }) => id === key.id);
    });
    expect(metered.spent.amount).toBeCloseTo(cost.amount, 12);
    expect(metered).toMatchObject({ monthly: null, remaining: null, open: true });
  });
});

describe("a budget", () => {
  test("stops predictions at the limit with 402, and no request passes it", async () => {
    const key = await keyWith({ monthlyBudget: 0.000_01 });
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++)
      statuses.push(...(await Promise.all(Array.from({ length: 8 }, async () => (await key.send()).status))));
    expect(new Set(statuses)).toEqual(new Set([200, 402]));
    expect(statuses.at(-1)).toBe(402);
    const refusal = (await (await key.send()).json()) as { error: { code: string; message: string } };
    expect(refusal.error).toMatchObject({ code: "BUDGET_EXCEEDED", message: expect.stringContaining("0.00001 USD") });
    const { keys } = await server.client.budget();
    const standing = keys.find(({ id }) => id === key.id);
    // What a request needs of CPU is known when it has run: the last one may pass the limit by that.
    expect(standing?.spent.amount).toBeLessThan(0.000_011);
  });

  test("of zero refuses everything that costs, and nothing that does not", async () => {
    const { client, id } = await keyWith({ monthlyBudget: 0 }, "member");
    const refused = { code: "BUDGET_EXCEEDED", status: 402 };
    const training = { dataset: "line", target: "y", candidate: { estimator: "LinearRegression" } };
    await expect(client.createRun({ body: training })).rejects.toMatchObject(refused);
    await expect(client.sql({ body: { sql: "select 1" } })).rejects.toMatchObject(refused);
    const upload = client.importDataset({
      query: { name: "more", filename: "a.csv" },
      file: exampleFile("seed_line.csv"),
    });
    await expect(upload).rejects.toMatchObject(refused);
    expect(await client.listRuns()).not.toHaveLength(0);
    await server.client.setKeyLimits({ params: { id }, body: { monthlyBudget: null } });
    expect((await client.sql({ body: { sql: "select 1 as one" } })).rows).toEqual([[1]]);
  });

  test("of the project stops a training that is under way", async () => {
    const file = new TextEncoder().encode(
      `x,y\n${Array.from({ length: 20_000 }, (_, i) => `${i % 97},${i % 13}`).join("\n")}`,
    );
    await importAndWait(server.client, { name: "rows", file });
    const key = await keyWith({}, "member");
    const params = { epochs: 100_000, tolerance: 0 };
    const run = await key.client.createRun({
      body: { dataset: "rows", target: "y", candidate: { estimator: "GradientDescentRegressor", params } },
    });
    await until(async () =>
      (await server.client.getRun({ params: { id: run.id } })).status === "running" ? true : undefined,
    );
    await server.client.setKeyLimits({ params: { id: key.id }, body: { monthlyBudget: 0.000_000_1 } });
    const ended = await until(async () => {
      const found = await server.client.getRun({ params: { id: run.id } });
      return found.finishedAt === null ? undefined : found;
    });
    expect(ended).toMatchObject({ status: "failed", error: { code: "BUDGET_EXCEEDED" } });
    const { rows } = await server.client.usage({ query: { groupBy: "key" } });
    expect(
      rows.find(({ group }) => group.startsWith("limited") && group.includes(key.prefix))?.cpuSeconds,
    ).toBeGreaterThan(0);
  });

  test("that makes no sense is refused in words", async () => {
    await expect(server.client.setBudget({ body: { monthly: -1 } })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("monthly"),
    });
    const key = await keyWith({});
    const body = { requestsPerMinute: 0 };
    await expect(server.client.setKeyLimits({ params: { id: key.id }, body })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
    await expect(
      server.client.setKeyLimits({ params: { id: "key_0" }, body: { monthlyBudget: 1 } }),
    ).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(key.client.setBudget({ body: { monthly: 1 } })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("a rate limit", () => {
  test("answers 429 with the seconds to wait, and says in headers where the key stands", async () => {
    const key = await keyWith({ requestsPerMinute: 3 });
    const answers = [await key.send(), await key.send(), await key.send(), await key.send()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[0].headers.get("x-ratelimit-remaining")).toBe("2");
    expect(Number(answers[3].headers.get("retry-after"))).toBeGreaterThan(50);
    expect(await answers[3].json()).toMatchObject({ error: { code: "RATE_LIMITED" } });
  });
});

describe("an invoice", () => {
  test("comes as JSON and as CSV with the same lines", async () => {
    const month = new Date().toISOString().slice(0, 7);
    const invoice = await until(async () => {
      const found = await server.client.invoice({ params: { month } });
      return found.lines.some(({ kind }) => kind === "train") ? found : undefined;
    });
    expect(invoice.lines.find(({ meter }) => meter === "requests")).toMatchObject({
      kind: "predict",
      endpoint: "line",
      model: "line:1",
    });
    const csv = await server.client.invoiceCsv({ params: { month } });
    const [head, ...lines] = csv.trim().split("\n");
    expect(head).toBe("month,kind,meter,quantity,unit,unitPrice,amount,currency,key,endpoint,model");
    expect(lines.length).toBeGreaterThanOrEqual(invoice.lines.length);
    await expect(server.client.invoice({ params: { month: "2026-13" } })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
  });
});
