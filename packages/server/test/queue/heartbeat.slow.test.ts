import { describe, expect, it } from "vitest";
import { openQueue } from "../../src/queue/boss-queue.ts";
import { openStore } from "../../src/store/database.ts";
import { startChild } from "../child.ts";
import { createDatabase, dropDatabase } from "../databases.ts";
import { ENGINES } from "../stores.ts";
import { KINDS, type TestJobs } from "./kinds.ts";

describe.runIf(ENGINES.includes("postgres"))("a job whose process was killed, on a server", () => {
  it("is taken over by another process once the heartbeat is missed", async () => {
    const databaseUrl = await createDatabase();
    const store = await openStore({ databaseUrl });
    const queue = openQueue<TestJobs>(store, { kinds: KINDS });
    try {
      await queue.start();
      await queue.enqueue("task", { name: "orphan" });
      const child = startChild(import.meta.url, "./queue-process.ts", [databaseUrl]);
      await child.line(/^began 1$/);
      await child.kill();
      const attempts: number[] = [];
      await queue.work("task", { concurrency: 1 }, async ({ attempt }) => void attempts.push(attempt));
      await expect.poll(() => attempts, { timeout: 240_000, interval: 500 }).toEqual([2]);
    } finally {
      await queue.stop();
      await store.close();
      await dropDatabase(databaseUrl);
    }
  }, 300_000);
});
