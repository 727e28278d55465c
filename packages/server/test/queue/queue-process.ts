// A process that takes one job, says "began N" with the attempt's number, and hangs until it is killed.
import { openQueue } from "../../src/queue/boss-queue.ts";
import { openStore } from "../../src/store/database.ts";
import { KINDS, type TestJobs } from "./kinds.ts";

const [target] = process.argv.slice(2);
const store = await openStore(target.startsWith("postgres") ? { databaseUrl: target } : { home: target });
const queue = openQueue<TestJobs>(store, { kinds: KINDS });
await queue.start();
await queue.work("task", { concurrency: 1 }, async (job) => {
  process.stdout.write(`began ${job.attempt}\n`);
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
