// A training in a process of its own, for tests that start it on another host: says each progress, and how it ended.
import { readFileSync } from "node:fs";
import { runTask } from "../../dist/runtime/task-run.js";

const task = JSON.parse(readFileSync(process.argv[2], "utf8"));
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
try {
  const onProgress = (progress) => say({ progress });
  const { outcome } = await runTask(task, { limits: { threads: 1, memoryMb: 4000 }, onProgress });
  say({ ranks: outcome.ranks, metrics: outcome.metrics });
} catch (error) {
  say({ failure: { name: error.name, kind: error.kind, message: error.message } });
}
