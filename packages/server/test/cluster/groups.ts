// Trainings on real ranks for tests: a version of example data, tasks over it, and the rank processes that are running.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importFile } from "@massif/data";
import type { RankPlan } from "../../src/runtime/ranks/rank-protocol.ts";
import type { TaskProgress } from "../../src/runtime/task-protocol.ts";
import { runTask } from "../../src/runtime/task-run.ts";
import type { TrainTask } from "../../src/runtime/train-protocol.ts";

/** A folder with versions of example data. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "massif-ranks-"));
  #made = 0;

  /** Imports an example file; gives the path of the version. */
  async version(name: string): Promise<string> {
    const outPath = join(this.path, `${name}.parquet`);
    const path = fileURLToPath(new URL(`../../../../examples/data/${name}.csv`, import.meta.url));
    await importFile({ source: path, outPath });
    return outPath;
  }

  /** A training of diamonds' prices, or of what `change` says, with its own output. */
  task(data: string, estimator: string, change: Partial<TrainTask> & { params?: object } = {}): TrainTask {
    const { params = {}, ...rest } = change;
    const steps = estimator.startsWith("GradientBoosting")
      ? []
      : [{ type: "OneHotEncoder" }, { type: "StandardScaler" }];
    const folder = join(this.path, `task-${this.#made++}`);
    mkdirSync(folder);
    return {
      kind: "train",
      data,
      dataHash: "0".repeat(64),
      target: "price",
      task: "regression",
      pipeline: { steps, estimator: { type: estimator, params: { ...params } } },
      split: { kind: "holdout", testFraction: 0.2 },
      seed: 1,
      output: join(folder, "model.safetensors"),
      ...rest,
    };
  }

  destroy(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Ranks on this machine. */
export function localRanks(count: number, launcher: Partial<RankPlan["launcher"]> = {}): RankPlan {
  return { count, hosts: null, launcher: { mpirun: "mpirun", args: [], ...launcher } };
}

/** Runs a training in a process of its own; gives the outcome and the bytes of the model. */
export async function train(
  task: TrainTask,
  options: { onProgress?(progress: TaskProgress): void; signal?: AbortSignal } = {},
) {
  const { outcome, usage } = await runTask(task, { limits: { threads: 1, memoryMb: 4000 }, ...options });
  return { outcome, usage, model: readFileSync(task.output) };
}

/** Process ids of the ranks whose job lies under `folder`, and of their launchers. */
export function ranksUnder(folder: string): { ranks: number[]; launchers: number[] } {
  const found = { ranks: [] as number[], launchers: [] as number[] };
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    let words: string[];
    try {
      words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
    } catch {
      continue;
    }
    if (!words.some((word) => word.startsWith(folder) && word.endsWith("ranks.json"))) continue;
    (words.includes("-np") ? found.launchers : found.ranks).push(Number(name));
  }
  return found;
}
