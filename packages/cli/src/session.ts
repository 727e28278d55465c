// What every command is given: where to write, whether in JSON and in colour, and the signal of Ctrl-C. It knows no
// server and no files.
import type { Command } from "commander";
import pc from "picocolors";

export type Colours = ReturnType<typeof pc.createColors>;

export interface Session {
  /** `--json`: standard output carries one JSON value and nothing else. */
  readonly json: boolean;
  /** Aborted by Ctrl-C: commands stop what they do and clean up. */
  readonly signal: AbortSignal;
  readonly colours: Colours;
  /** Colours for standard error. */
  readonly noteColours: Colours;
  readonly environment: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
  /** The options of all commands, such as `--url`. */
  readonly options: GlobalOptions;
  /** A line for the reader on standard output; nothing with `--json`. */
  say(text: string): void;
  /** A line about the work on standard error. */
  note(text: string): void;
  /** The command's result: text for readers, or `value` with `--json`. */
  answer(value: unknown, text: () => string): void;
  answerJson(value: unknown): void;
  /** Raw bytes of a result, such as CSV, for standard output. */
  write(text: string): Promise<void>;
  /** Called once by the program, which parses the options. */
  attach(program: Command): void;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
  readonly home?: string;
  readonly color?: boolean;
}

/** A session on the streams and the environment of `host`. */
export function createSession(host: NodeJS.Process, signal: AbortSignal): Session {
  const { stdout, stderr } = host;
  let program: Command | undefined;
  const options = () => (program?.opts() ?? {}) as GlobalOptions;
  const coloured = (stream: NodeJS.WriteStream) =>
    pc.createColors(
      stream.isTTY === true && !host.env.NO_COLOR && host.env.TERM !== "dumb" && options().color !== false,
    );
  const session: Session = {
    get json() {
      return options().json === true;
    },
    signal,
    get colours() {
      return coloured(stdout);
    },
    get noteColours() {
      return coloured(stderr);
    },
    environment: host.env,
    get stdin() {
      return host.stdin;
    },
    stderr,
    get options() {
      return options();
    },
    say: (text) => {
      if (!session.json) stdout.write(`${text}\n`);
    },
    note: (text) => {
      stderr.write(`${text}\n`);
    },
    answer: (value, text) => {
      if (session.json) session.answerJson(value);
      else stdout.write(`${text()}\n`);
    },
    answerJson: (value) => {
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    attach: (parsed) => {
      program = parsed;
    },
  };
  return session;
}
