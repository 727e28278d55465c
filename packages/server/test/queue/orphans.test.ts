import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openQueue } from "../../src/queue/boss-queue.ts";
import type { ExhaustedJob, Queue } from "../../src/queue/queue.ts";
import { openStore } from "../../src/store/database.ts";
import { startChild } from "../child.ts";
import { templateHome } from "../stores.ts";
import { KINDS, type TestJobs } from "./kinds.ts";

/** Lets a process take a job and die with it. */
async function dieInTheMiddle(home: string, attempt: number): Promise<void> {
  const child = startChild(import.meta.url, "./queue-process.ts", [home]);
  await child.line(new RegExp(`^began ${attempt}$`));
  await child.kill();
}

async function withQueue(home: string, use: (queue: Queue<TestJobs>) => Promise<void>): Promise<void> {
  const store = await openStore({ home, maintenanceInterval: 0 });
  const queue = openQueue<TestJobs>(store, { kinds: KINDS });
  try {
    await queue.start();
    await use(queue);
  } finally {
    await queue.stop();
    await store.close();
  }
}

describe("jobs whose process was killed", () => {
  it("are offered again at the next start, as the next attempt, and given up when none is left", async () => {
    const home = await templateHome();
    try {
      let id = "";
      await withQueue(home, async (queue) => {
        id = await queue.enqueue("task", { name: "killer" });
      });
      await dieInTheMiddle(home, 1);
      await dieInTheMiddle(home, 2);
      await withQueue(home, async (queue) => {
        const exhausted: ExhaustedJob<TestJobs["task"]>[] = [];
        const attempts: number[] = [];
        const onExhausted = async (job: ExhaustedJob<TestJobs["task"]>) => void exhausted.push(job);
        await queue.work(
          "task",
          { concurrency: 1, exhausted: onExhausted },
          async ({ attempt }) => void attempts.push(attempt),
        );
        await expect.poll(() => exhausted, { timeout: 20_000 }).toHaveLength(1);
        const reason = expect.stringContaining("ended before");
        expect(exhausted[0]).toMatchObject({ id, payload: { name: "killer" }, reason });
        expect(attempts).toEqual([]);
      });
    } finally {
      rmSync(join(home, ".."), { recursive: true, force: true });
    }
  });
});
