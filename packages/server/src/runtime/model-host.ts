// The inside of a thread or process that holds one model: takes the load message, answers what it is asked, stops when
// told to. An entry file calls `hostModel` once with what its kind of model does; the outside is HostedReplica. In a
// process it also starts the guard that ends it when the server is gone or its memory runs over its limit.
import { getHeapStatistics } from "node:v8";
import { parentPort, Worker } from "node:worker_threads";
import type { Ask, FromHost, HostAnswer, ModelFigures, ToHost } from "./host-protocol.ts";
import { MEMORY_SECONDS_BYTES } from "./memory-seconds.ts";
import type { GuardData } from "./orphan-guard.ts";
import type { InputRow, NamedTensor, ReplicaAnswer, TensorAnswer } from "./replica.ts";

/** What one kind of model does inside its host. */
export interface HostedModel {
  /** Makes the model ready; whatever it throws refuses the model with that message. Called once, first. */
  load(load: unknown): Promise<ModelFigures>;
  predict?(rows: readonly InputRow[]): ReplicaAnswer | Promise<ReplicaAnswer>;
  infer?(inputs: readonly NamedTensor[]): TensorAnswer | Promise<TensorAnswer>;
  /** Frees what the model holds; called when nothing is under way any more, before the host ends. */
  stop?(): Promise<void> | void;
}

/** Serves `model` over this thread's or process's channel until it is told to stop. */
export function hostModel(model: HostedModel): void {
  const under = new Set<Promise<void>>();
  const answer = async ({ id, ask }: Extract<ToHost, { type: "ask" }>) => {
    try {
      say({ type: "answer", id, answer: await answerOf(model, ask) });
    } catch (error) {
      say({ type: "fault", id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  listen((message) => {
    if (message.type === "load") return void load(model, message.load);
    if (message.type === "stop") return void end(model, under);
    const work = answer(message);
    under.add(work);
    void work.finally(() => under.delete(work));
  });
  if (parentPort === null) guard();
  say({ type: "hello" });
}

// Internal

async function answerOf(model: HostedModel, ask: Ask): Promise<HostAnswer> {
  if (ask.kind === "infer") {
    if (model.infer === undefined) throw new Error("this model takes rows, not tensors");
    return model.infer(ask.inputs);
  }
  if (model.predict === undefined) throw new Error("this model takes tensors, not rows");
  if (ask.kind === "predict") return model.predict(ask.rows);
  const answers: ReplicaAnswer[] = [];
  for (const rows of ask.requests) answers.push(await model.predict(rows));
  return answers;
}

async function load(model: HostedModel, what: unknown): Promise<void> {
  try {
    const figures = await model.load(what);
    say({ type: "ready", figures: { ...figures, memoryBytes: heldBytes() } });
  } catch (error) {
    say({ type: "refused", message: error instanceof Error ? error.message : String(error) });
  }
}

function heldBytes(): number {
  if (parentPort === null) return process.memoryUsage.rss();
  const { used_heap_size: heap, external_memory: buffers } = getHeapStatistics();
  return heap + buffers;
}

async function end(model: HostedModel, under: ReadonlySet<Promise<void>>): Promise<void> {
  await Promise.allSettled(under);
  await model.stop?.();
  process.exit(0);
}

function listen(hear: (message: ToHost) => void): void {
  if (parentPort !== null) return void parentPort.on("message", hear);
  // A terminal's Ctrl-C reaches every process of its group; when this one ends is the server's decision.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.on("message", hear);
}

function say(message: FromHost): void {
  if (parentPort !== null) parentPort.postMessage(message);
  else process.send?.(message);
}

/** The parent's pid and the memory limit in MB are the process's arguments (process-host.ts). */
function guard(): void {
  const [serverPid, memoryMb] = process.argv.slice(2).map(Number);
  const workerData: GuardData = { serverPid, memoryMb, held: new SharedArrayBuffer(MEMORY_SECONDS_BYTES) };
  new Worker(new URL("./orphan-guard.js", import.meta.url), { workerData }).unref();
}
