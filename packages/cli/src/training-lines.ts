// Events of runs on a progress board: what each run does, and what came out of it.
import type { Run, RunEvent } from "@massif/api";
import { duration, figure } from "./figures.ts";
import type { Board, WorkLine } from "./progress.ts";

/** Keeps one line per run up to date with the run's events. */
export class TrainingLines {
  readonly #lines = new Map<string, WorkLine>();
  readonly #started = new Map<string, number>();

  /** `labels`: run id to what the line is called, in the order of the lines. */
  constructor(board: Board, labels: ReadonlyMap<string, string>) {
    for (const [run, label] of labels) this.#lines.set(run, board.line(label));
  }

  show({ run, type, data, at }: RunEvent): void {
    const line = this.#lines.get(run);
    if (line === undefined) return;
    switch (type) {
      case "queued":
        break;
      case "started":
        this.#started.set(run, Date.parse(at));
        line.update({ detail: "reading data" });
        break;
      case "progress":
        line.update(progressOf(data));
        break;
      case "retried":
        line.update({
          value: 0,
          total: undefined,
          unit: "",
          detail: `starts again: ${text(data.reason ?? data.message) || "its process died"}`,
        });
        break;
      case "succeeded":
        line.done(this.#result(run, data, at));
        break;
      case "failed":
        line.failed(text(data.message) || text(data.code) || "see `massif runs show`");
        break;
      case "cancelled":
        line.failed("stopped on request");
        break;
    }
  }

  #result(run: string, data: RunEvent["data"], at: string): string {
    const started = this.#started.get(run);
    const metrics = typeof data.metrics === "object" && data.metrics !== null ? data.metrics : {};
    const fitSeconds = typeof data.fitSeconds === "number" ? data.fitSeconds : undefined;
    const seconds = fitSeconds ?? (started === undefined ? undefined : (Date.parse(at) - started) / 1000);
    const time = seconds === undefined ? [] : [duration(seconds)];
    return [...time, ...metricWords(metrics as Run["metrics"])].join("  ");
  }
}

/** The one or two metrics a line has room for. */
export function metricWords(metrics: Run["metrics"]): string[] {
  return SHOWN_METRICS.flatMap(([key, name]) => {
    const value = metrics?.[key];
    return typeof value === "number" ? [`${name} ${figure(value, 4)}`] : [];
  }).slice(0, 2);
}

/** All metrics, those that people ask for first at the top. */
export function orderedMetrics(metrics: NonNullable<Run["metrics"]>): [name: string, value: number][] {
  const first = SHOWN_METRICS.map(([key]) => key);
  const place = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length);
  return Object.entries(metrics).sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1));
}

// Internal

const SHOWN_METRICS: readonly (readonly [key: string, name: string])[] = [
  ["rmse", "RMSE"],
  ["r2", "R²"],
  ["accuracy", "accuracy"],
  ["logLoss", "log loss"],
  ["silhouette", "silhouette"],
  ["separation", "separation"],
  ["outlierShare", "outliers"],
  ["inertia", "inertia"],
];

function progressOf(data: RunEvent["data"]) {
  const number = (value: unknown) => (typeof value === "number" ? value : undefined);
  const loss = number(data.loss);
  const stage = text(data.stage);
  const unit = text(data.unit);
  return {
    value: number(data.step) ?? 0,
    total: number(data.total),
    unit,
    detail: [loss === undefined ? (stage === "fit" ? "" : stage) : `loss ${figure(loss, 4)}`, ranksOf(data)]
      .filter((part) => part !== "")
      .join("  "),
  };
}

/** How a fit on ranks goes. */
function ranksOf({ ranks, rowsPerSecond, communicationSeconds }: RunEvent["data"]): string {
  if (typeof ranks !== "number" || typeof rowsPerSecond !== "number") return "";
  const waited = typeof communicationSeconds === "number" ? `, ${duration(communicationSeconds)} communicating` : "";
  return `${ranks} ranks, ${figure(rowsPerSecond, 3)} rows/s${waited}`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
