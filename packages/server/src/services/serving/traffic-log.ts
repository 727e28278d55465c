// What happened at an endpoint over the last hour, in memory: one bucket per ten seconds, latencies in a histogram whose
// steps are 9 % wide, so a quantile is right within 5 %. It is lost with the process; what must not be is metered.
import type { TrafficPoint } from "@massif/api";

/** One request that was answered, refused or failed. */
export interface TrafficEvent {
  readonly rows: number;
  readonly failed: boolean;
  readonly millis: number;
}

/** How full an endpoint is at a moment. */
export interface TrafficLevel {
  readonly replicas: number;
  readonly queued: number;
  readonly inFlight: number;
}

/** Seconds of one bucket. */
export const BUCKET_SECONDS = 10;

const KEPT = 3600 / BUCKET_SECONDS;
const LEAST_MILLIS = 0.05;
const STEPS_PER_OCTAVE = 8;
const STEPS = 24 * STEPS_PER_OCTAVE;

interface Bucket {
  readonly index: number;
  requests: number;
  rows: number;
  errors: number;
  batches: number;
  batchRows: number;
  batchRequests: number;
  replicas: number;
  queued: number;
  inFlight: number;
  latencies: Uint32Array | undefined;
}

/** Records what happens; `clock` gives milliseconds since 1970. */
export class TrafficLog {
  readonly #clock: () => number;
  readonly #buckets: Bucket[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  request({ rows, failed, millis }: TrafficEvent): void {
    const bucket = this.#bucket();
    bucket.requests += 1;
    if (failed) bucket.errors += 1;
    else bucket.rows += rows;
    bucket.latencies ??= new Uint32Array(STEPS);
    bucket.latencies[stepOf(millis)] += 1;
  }

  batch({ requests, rows }: { readonly requests: number; readonly rows: number }): void {
    const bucket = this.#bucket();
    bucket.batches += 1;
    bucket.batchRequests += requests;
    bucket.batchRows += rows;
  }

  /** Notes how full the endpoint is; a bucket shows the most that was seen in it. */
  level({ replicas, queued, inFlight }: TrafficLevel): void {
    const bucket = this.#bucket();
    bucket.replicas = Math.max(bucket.replicas, replicas);
    bucket.queued = Math.max(bucket.queued, queued);
    bucket.inFlight = Math.max(bucket.inFlight, inFlight);
  }

  /** The buckets of the last `seconds`, oldest first; spans in which nothing was noted are left out. */
  points(seconds: number): TrafficPoint[] {
    const from = this.#index() - Math.ceil(seconds / BUCKET_SECONDS);
    return this.#buckets.filter(({ index }) => index > from).map(pointOf);
  }

  // Internal

  #index(): number {
    return Math.floor(this.#clock() / 1000 / BUCKET_SECONDS);
  }

  #bucket(): Bucket {
    const index = this.#index();
    const last = this.#buckets.at(-1);
    // A clock that was set back goes on in the newest bucket.
    if (last !== undefined && last.index >= index) return last;
    const bucket: Bucket = {
      index,
      requests: 0,
      rows: 0,
      errors: 0,
      batches: 0,
      batchRows: 0,
      batchRequests: 0,
      replicas: 0,
      queued: 0,
      inFlight: 0,
      latencies: undefined,
    };
    this.#buckets.push(bucket);
    if (this.#buckets.length > KEPT) this.#buckets.shift();
    return bucket;
  }
}

// Internal

function stepOf(millis: number): number {
  const step = Math.floor(Math.log2(Math.max(millis, LEAST_MILLIS) / LEAST_MILLIS) * STEPS_PER_OCTAVE);
  return Math.min(STEPS - 1, step);
}

function pointOf(bucket: Bucket): TrafficPoint {
  const { index, requests, rows, errors, batches, batchRows, batchRequests, replicas, queued, inFlight } = bucket;
  const at = (share: number) => quantile(bucket, share);
  return {
    at: new Date(index * BUCKET_SECONDS * 1000).toISOString(),
    requests,
    rows,
    errors,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    replicas,
    queued,
    inFlight,
    batchRows: batches === 0 ? null : batchRows / batches,
    batchRequests: batches === 0 ? null : batchRequests / batches,
  };
}

/** The geometric middle of the step in which the quantile lies. */
function quantile({ latencies, requests }: Bucket, share: number): number | null {
  if (latencies === undefined) return null;
  let rest = Math.ceil(share * requests);
  for (let step = 0; step < STEPS; step++) {
    rest -= latencies[step];
    if (rest <= 0) return LEAST_MILLIS * 2 ** ((step + 0.5) / STEPS_PER_OCTAVE);
  }
  return null;
}
