// The entry of a process that serves one ONNX model. Questions are computed one after the other: the runtime blocks this
// process's thread anyway, and so the CPU time of each is known. It ends by itself when told to, never in the middle.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { hostModel } from "./model-host.ts";
import { OnnxSession } from "./onnx-session.ts";
import type { NamedTensor, TensorAnswer } from "./replica.ts";

/** What the process is told to load. */
export interface OnnxLoad {
  readonly path: string;
  readonly sha256: string;
  readonly threads: number;
  /** The outputs to compute, in order. */
  readonly outputs: readonly string[];
}

let session: OnnxSession | undefined;
let outputs: readonly string[] = [];
let turn: Promise<unknown> = Promise.resolve();

hostModel({
  load: async (what) => {
    const load = what as OnnxLoad;
    if ((await hashOf(load.path)) !== load.sha256) {
      throw new Error(`the model file is damaged: its content is not what its hash ${load.sha256} names`);
    }
    session = await OnnxSession.open(load.path, { threads: load.threads });
    outputs = load.outputs;
    return { predictMicros: 0, bytes: (await stat(load.path)).size };
  },
  infer: (inputs) => {
    const answer = turn.then(() => infer(inputs));
    turn = answer.catch(() => undefined);
    return answer;
  },
  stop: () => session?.close(),
});

// Internal

async function infer(inputs: readonly NamedTensor[]): Promise<TensorAnswer> {
  const before = process.cpuUsage();
  const used = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  try {
    const answered = await (session as OnnxSession).run(inputs, outputs);
    return { ok: true, outputs: answered, cpuSeconds: used() };
  } catch (error) {
    // The shapes are those of the signature, and yet the graph cannot compute with them: the caller's to change.
    const problem = `cannot be computed by the model: ${reason(error)}`;
    return { ok: false, problems: [{ field: "inputs", problem }], cpuSeconds: used() };
  }
}

const MOST_REASON = 400;

/** The runtime's own words begin with places in its source code, which say nothing to the caller. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, MOST_REASON);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
