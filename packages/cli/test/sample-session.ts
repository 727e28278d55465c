// A session for tests of what is printed: no terminal, no colours, what is written kept in lists.
import { createColors } from "picocolors";
import type { GlobalOptions, Session } from "../src/session.ts";

export interface SampleSession extends Session {
  readonly out: string[];
  readonly notes: string[];
}

export interface SampleOptions {
  readonly options?: GlobalOptions;
  readonly environment?: NodeJS.ProcessEnv;
}

export function sampleSession({ options = {}, environment = {} }: SampleOptions = {}): SampleSession {
  const out: string[] = [];
  const notes: string[] = [];
  const plain = createColors(false);
  const json = options.json === true;
  return {
    out,
    notes,
    json,
    options,
    environment,
    signal: new AbortController().signal,
    colours: plain,
    noteColours: plain,
    stdin: process.stdin,
    stderr: { isTTY: false } as NodeJS.WriteStream,
    say: (text) => void (json || out.push(text)),
    note: (text) => void notes.push(text),
    answer: (value, text) => void out.push(json ? JSON.stringify(value) : text()),
    answerJson: (value) => void out.push(JSON.stringify(value)),
    write: async (text) => void out.push(text),
    attach: () => undefined,
  };
}
