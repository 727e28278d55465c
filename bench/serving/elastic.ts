// The elastic part of `npm run bench -- serving`: requests per second of a heavy model with and without batching, where
// the replicas run, and how long a request waits that finds no replica.
import { type Client, createClient, type ServingPolicyRequest } from "@massif/api";
import { type Load, load } from "./measure.ts";

/** One way to serve the heavy model. */
export interface ElasticRow {
  readonly what: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly errors: number;
}

/** Where the server is, and how often and with what to call it. */
export interface ElasticOptions {
  readonly url: string;
  readonly key: string;
  readonly row: Readonly<Record<string, unknown>>;
  readonly rounds: number;
}

const CONNECTIONS = 32;
const REQUESTS = 4000;
const COLD_STARTS = 9;

/** Medians over the rounds; the ways take turns. The data set `diamonds` must be there. */
export async function benchElastic({ url, key, row, rounds }: ElasticOptions): Promise<ElasticRow[]> {
  const client = createClient({ url, key });
  await registerHeavy(client);
  const loads = WAYS.map((): Load[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { policy }] of WAYS.entries()) {
      await client.deploy({ params: { name: "heavy" }, body: { model: "heavy", policy: { ...ONE, ...policy } } });
      const asked = { url: `${url}/v1/endpoints/heavy/predict`, key, row };
      loads[i].push(await load(asked, { connections: CONNECTIONS, requests: REQUESTS }));
    }
  }
  const rows = WAYS.map(({ what }, i) => summary(what, CONNECTIONS, loads[i].slice(1)));
  for (const placement of ["worker", "process"] as const) rows.push(await coldStarts(client, { placement, row }));
  return rows;
}

// Internal

const ONE: ServingPolicyRequest = { minReplicas: 1, maxReplicas: 1, initialReplicas: 1, maxQueueDelayMs: 0 };
const WAYS: readonly { what: string; policy: ServingPolicyRequest }[] = [
  { what: "thread, no batching", policy: { placement: "worker", maxBatchSize: 1 } },
  { what: "thread, batches up to 64", policy: { placement: "worker", maxBatchSize: 64 } },
  { what: "process, no batching", policy: { placement: "process", maxBatchSize: 1 } },
  { what: "process, batches up to 64", policy: { placement: "process", maxBatchSize: 64 } },
];

async function registerHeavy(client: Client): Promise<void> {
  const candidate = { estimator: "RandomForestRegressor", params: { nEstimators: 100 } };
  const run = await client.createRun({ body: { dataset: "diamonds", target: "price", candidate } });
  for await (const event of client.watchRun({ params: { id: run.id } }))
    if (event.type === "failed") throw new Error("training the heavy model failed");
  await client.registerModel({ body: { name: "heavy", run: run.id } });
}

/** Latency of the request that finds no replica. */
async function coldStarts(
  client: Client,
  { placement, row }: { placement: "worker" | "process"; row: ElasticOptions["row"] },
): Promise<ElasticRow> {
  const name = `cold-${placement}`;
  const policy: ServingPolicyRequest = {
    placement,
    minReplicas: 0,
    maxReplicas: 1,
    tickSeconds: 0.1,
    stableWindowSeconds: 1,
    scaleToZeroGraceSeconds: 0,
  };
  await client.deploy({ params: { name }, body: { model: "heavy", policy } });
  const millis: number[] = [];
  for (let i = 0; i < COLD_STARTS; i++) {
    while ((await ready(client, name)) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    await client.predict({ params: { name }, body: { rows: [row as Record<string, number | string>] } });
    millis.push(performance.now() - began);
  }
  millis.sort((a, b) => a - b);
  const p50 = millis[millis.length >> 1];
  const p99 = millis.at(-1) as number;
  return {
    what: `${placement} from zero`,
    connections: 1,
    perSecond: 1000 / p50,
    p50Millis: p50,
    p99Millis: p99,
    errors: 0,
  };
}

async function ready(client: Client, name: string): Promise<number> {
  const { now } = await client.getEndpointTraffic({ params: { name } });
  return now.variants.reduce((sum, variant) => sum + variant.ready, 0);
}

function summary(what: string, connections: number, loads: readonly Load[]): ElasticRow {
  const median = (of: (load: Load) => number) => loads.map(of).sort((a, b) => a - b)[loads.length >> 1];
  return {
    what,
    connections,
    perSecond: median((one) => one.perSecond),
    p50Millis: median((one) => one.p50),
    p99Millis: median((one) => one.p99),
    errors: loads.reduce((sum, one) => sum + one.errors, 0),
  };
}
