// Live progress on standard error: one line per piece of work, redrawn in a terminal; plain lines elsewhere.
import { MultiBar, type Options } from "cli-progress";
import { type LineState, progressLine, progressWords } from "./progress-line.ts";
import type { Session } from "./session.ts";

export interface WorkLine {
  /** How far the work is; what is left out stays as it was. */
  update(change: Partial<Pick<LineState, "value" | "total" | "unit" | "detail">>): void;
  done(detail: string): void;
  failed(detail: string): void;
}

export interface Board {
  /** Adds a line; `waiting` until its first update. */
  line(label: string): WorkLine;
  /** Leaves the lines as they are and gives the terminal back. */
  stop(): void;
}

/** A board for work with these labels, in a terminal when they all fit there. */
export function openBoard(session: Session, labels: readonly string[]): Board {
  const { stderr } = session;
  const labelWidth = Math.max(0, ...labels.map((label) => label.length));
  const live = stderr.isTTY === true && session.environment.TERM !== "dumb" && labels.length < stderr.rows - 2;
  return live ? liveBoard(session, labelWidth) : plainBoard(session);
}

// Internal

/** A rate measured over less than this says nothing. */
const RATE_AFTER_SECONDS = 0.5;
/** Plain lines come at most this often per piece of work. */
const PLAIN_INTERVAL_MS = 5000;

class Work implements LineState {
  readonly label: string;
  state: LineState["state"] = "waiting";
  value = 0;
  total: number | undefined;
  unit = "";
  detail = "";
  #started = 0;
  // Where and when the present unit began: reading data first must not count as slow training.
  #phase = { value: 0, started: 0 };

  constructor(label: string) {
    this.label = label;
  }

  get elapsedSeconds(): number {
    return this.#started === 0 ? 0 : (performance.now() - this.#started) / 1000;
  }

  get rate(): number | undefined {
    const seconds = (performance.now() - this.#phase.started) / 1000;
    return this.unit === "" || seconds < RATE_AFTER_SECONDS ? undefined : (this.value - this.#phase.value) / seconds;
  }

  change(change: Partial<LineState>): void {
    const now = performance.now();
    if (this.#started === 0) this.#started = now;
    if (change.unit !== undefined && change.unit !== this.unit) {
      this.#phase = { value: change.value ?? 0, started: now };
    }
    Object.assign(this, { state: "running", ...change });
  }
}

function liveBoard(session: Session, labelWidth: number): Board {
  const { stderr, noteColours: colours } = session;
  const format: Options["format"] = (_options, _params, payload: { work: Work }) =>
    progressLine(payload.work, { width: stderr.columns ?? 80, labelWidth, colours });
  const bars = new MultiBar({
    stream: stderr,
    format,
    fps: 10,
    hideCursor: true,
    linewrap: false,
    gracefulExit: false,
    forceRedraw: true,
  });
  const restore = () => stderr.write(CURSOR_AND_WRAP);
  process.once("exit", restore);
  let stopped = false;
  return {
    line: (label) => {
      const work = new Work(label);
      const bar = bars.create(1, 0, { work });
      const change = (fields: Partial<LineState>) => {
        work.change(fields);
        // The bar draws from its payload; its own value only has to be told apart from "complete".
        bar.update(0, { work });
      };
      return lineOf(change);
    },
    stop: () => {
      // A second stop would draw the lines once more, wherever the cursor is by then.
      if (stopped) return;
      stopped = true;
      bars.stop();
      process.off("exit", restore);
    },
  };
}

/** Shows the cursor and wraps lines again, should the process end while the board is drawn. */
const CURSOR_AND_WRAP = "\u001b[?25h\u001b[?7h";

function plainBoard(session: Session): Board {
  return {
    line: (label) => {
      const work = new Work(label);
      let saidAt = Number.NEGATIVE_INFINITY;
      return lineOf((fields) => {
        const first = work.state === "waiting";
        work.change(fields);
        const now = performance.now();
        if (work.state === "done") session.note(`${label}: ${work.detail}`);
        else if (work.state === "failed") session.note(`${label}: failed: ${work.detail}`);
        else if (first) saidAt = now;
        else if (now - saidAt >= PLAIN_INTERVAL_MS) {
          saidAt = now;
          session.note(`${label}: ${progressWords(work)}`);
        }
      });
    },
    stop: () => undefined,
  };
}

function lineOf(change: (fields: Partial<LineState>) => void): WorkLine {
  return {
    update: change,
    done: (detail) => change({ state: "done", detail }),
    failed: (detail) => change({ state: "failed", detail }),
  };
}
