// The examples of speech and vision from file to answer: real models, imported, deployed and asked over HTTP.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  deploySpeechModel,
  readWav,
  segmentsOf,
  speechProbabilities,
} from "../../../../examples/speech/find-speech.ts";
import { deployReader, readText } from "../../../../examples/vision/read-text.ts";
import { startTestServer, type TestServer } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
}, 60_000);

afterAll(() => server?.destroy());

test("speech is found where the sentences are spoken and nowhere else", { timeout: 120_000 }, async () => {
  const { client } = server;
  await deploySpeechModel(client);
  const probabilities = await speechProbabilities(client, readWav(exampleFile("speech/sentences.wav")));
  // The file was put together so: silence, a sentence, silence, a sentence, silence.
  const spoken = [
    { from: 1.0, to: 3.75 },
    { from: 5.15, to: 6.16 },
  ];
  const segments = segmentsOf(probabilities);
  expect(segments).toHaveLength(spoken.length);
  for (const [i, { from, to }] of segments.entries()) {
    expect(Math.abs(from - spoken[i].from)).toBeLessThan(0.15);
    expect(Math.abs(to - spoken[i].to)).toBeLessThan(0.35);
  }
  const silent = probabilities.slice(0, Math.floor((0.9 * 16_000) / 512));
  expect(Math.max(...silent)).toBeLessThan(0.2);
});

test("the text of a picture is read letter by letter", { timeout: 120_000 }, async () => {
  await deployReader(server.client);
  expect(await readText(server.client, exampleFile("vision/sign.png"))).toBe("Open daily 9:30 to 18:45");
});

// Internal

function exampleFile(path: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`../../../../examples/${path}`, import.meta.url)));
}
