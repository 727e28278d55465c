// Prometheus metrics of one server; a registry of its own, so that two servers in one process do not mix.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type ServingFigures, ServingMetrics } from "./serving-metrics.ts";

/** What a finished request tells. */
export interface RequestFigures {
  readonly method: string;
  /** The pattern, not the address: addresses are without number. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Figures read when somebody looks. */
export interface GaugeSources {
  queueDepth(): Promise<Record<string, number>>;
  runsByStatus(): Promise<Record<string, number>>;
  runningTasks(): number;
}

/** Counts what happens at the door and shows what the other parts tell. */
export class HttpMetrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<"method" | "route" | "status">;
  readonly #durations: Histogram<"method" | "route">;
  readonly #rows: Counter<"endpoint">;

  constructor(sources: GaugeSources) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: "massif_http_requests_total",
      help: "Requests answered",
      labelNames: ["method", "route", "status"],
      registers,
    });
    this.#durations = new Histogram({
      name: "massif_http_request_seconds",
      help: "Time from request to answer",
      labelNames: ["method", "route"],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    });
    this.#rows = new Counter({
      name: "massif_predicted_rows_total",
      help: "Rows predicted",
      labelNames: ["endpoint"],
      registers,
    });
    addGauge(registers, {
      name: "massif_queue_jobs",
      help: "Jobs that wait",
      label: "queue",
      read: sources.queueDepth,
    });
    addGauge(registers, { name: "massif_runs", help: "Runs", label: "status", read: sources.runsByStatus });
    new Gauge({
      name: "massif_tasks_running",
      help: "Processes at work on trainings, imports and queries",
      registers,
      collect() {
        this.set(sources.runningTasks());
      },
    });
  }

  request({ method, route, status, seconds }: RequestFigures): void {
    this.#requests.inc({ method, route, status });
    this.#durations.observe({ method, route }, seconds);
  }

  rows(endpoint: string, count: number): void {
    this.#rows.inc({ endpoint }, count);
  }

  /** Adds serving's figures; once. */
  serving(read: () => readonly ServingFigures[]): ServingMetrics {
    return new ServingMetrics(this.#registry, read);
  }

  /** All metrics as text. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

// Internal

interface LabelledGauge {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  read(): Promise<Record<string, number>>;
}

function addGauge(registers: Registry[], { name, help, label, read }: LabelledGauge): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers,
    async collect() {
      this.reset();
      for (const [value, count] of Object.entries(await read())) this.set({ [label]: value }, count);
    },
  });
}
