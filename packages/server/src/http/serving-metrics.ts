// Prometheus metrics of serving: figures of the autoscaler and the queues, read when somebody looks.
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** How one variant of an endpoint stands. */
export interface ServingFigures {
  readonly endpoint: string;
  /** `name@version`. */
  readonly model: string;
  readonly desired: number;
  readonly ready: number;
  readonly starting: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly panicking: boolean;
}

/** Serving's part of a server's metrics. */
export class ServingMetrics {
  readonly #batches: Histogram<"endpoint">;
  readonly #coldStarts: Counter<"endpoint">;
  readonly #coldSeconds: Histogram<"endpoint">;

  /** `read` gives the figures of all variants that answer. */
  constructor(registry: Registry, read: () => readonly ServingFigures[]) {
    const registers = [registry];
    const labelNames = ["endpoint", "model"] as const;
    for (const { name, help, value } of GAUGES) {
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const figures of read()) this.inc({ endpoint: figures.endpoint, model: figures.model }, value(figures));
        },
      });
    }
    this.#batches = new Histogram({
      name: "massif_batch_rows",
      help: "Rows that went to a replica together",
      labelNames: ["endpoint"],
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024],
      registers,
    });
    this.#coldStarts = new Counter({
      name: "massif_cold_starts_total",
      help: "Times that requests waited for a first replica",
      labelNames: ["endpoint"],
      registers,
    });
    this.#coldSeconds = new Histogram({
      name: "massif_cold_start_seconds",
      help: "Time until the first replica took its first request",
      labelNames: ["endpoint"],
      buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
  }

  batch(endpoint: string, rows: number): void {
    this.#batches.observe({ endpoint }, rows);
  }

  coldStart(endpoint: string, seconds: number): void {
    this.#coldStarts.inc({ endpoint });
    this.#coldSeconds.observe({ endpoint }, seconds);
  }
}

// Internal

const GAUGES: readonly { name: string; help: string; value(figures: ServingFigures): number }[] = [
  { name: "massif_replicas_ready", help: "Replicas that can answer", value: ({ ready }) => ready },
  { name: "massif_replicas_starting", help: "Replicas being started", value: ({ starting }) => starting },
  { name: "massif_autoscaler_desired", help: "Replicas that the autoscaler wants", value: ({ desired }) => desired },
  {
    name: "massif_autoscaler_panic",
    help: "1 while the panic window counts",
    value: ({ panicking }) => (panicking ? 1 : 0),
  },
  { name: "massif_requests_in_flight", help: "Requests being answered or waiting", value: ({ inFlight }) => inFlight },
  { name: "massif_requests_queued", help: "Requests waiting for a replica", value: ({ queued }) => queued },
];
