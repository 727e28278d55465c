// The rules of a plan: from work, measurements and limits to what a training will take in each mode, and to the mode.
// Pure; nothing is measured or read here.
import type { PlanOption } from "@massif/api";
import { addEstimates, banded, type Estimate, estimate, fitLine, type Measurement, type Work } from "@massif/learn";
import type { Row } from "../store/schema.ts";
import { costOf, type Prices } from "./prices.ts";

/** A measurement as it is kept. */
export type Measured = Pick<Row<"measurements">, "phase" | "family" | "source" | "threads" | "units" | "value">;

/** What a plan is made from. */
export interface PlanFacts {
  readonly work: Work;
  /** Cells (rows times columns) that are read. */
  readonly cells: number;
  readonly rows: number;
  /** Bytes of one row on its way through the steps. */
  readonly rowBytes: number;
  /** Passes over the rows that learning in chunks makes. */
  readonly passes: number;
  /** Bytes that learning in chunks keeps in memory of all rows; 0: it keeps nothing of a chunk it has seen. */
  readonly keptBytes: number;
  readonly measured: readonly Measured[];
  readonly cores: number;
  readonly memoryMb: number;
  readonly prices: Prices;
  /** Why it cannot learn in chunks. */
  readonly chunkRefusal?: string;
  /** Why ranks are out of the question; undefined when they are not. */
  readonly rankRefusal?: string;
}

/** Options in order, and the place of the one to take. */
export interface PlanChoice {
  readonly options: readonly PlanOption[];
  readonly chosen: number;
  readonly warnings: readonly string[];
}

/** What plans call reading, in measurements. */
export const READING = "reading";
/** What runs in chunks add to the family of their fits: they read the rows again in each pass. */
export const CHUNKED = "/chunks";

/** Threads are worth the cores they keep from others when they save so many seconds and such a share of the time. */
export const THREADS_SAVE = { seconds: 0.5, share: 0.2 };

/** What each mode will take, and which one to choose. */
export function choosePlan(facts: PlanFacts): PlanChoice {
  const speed = new Speed(facts);
  const { cores } = facts;
  const fits = fitsMemory(facts, speed.memory());
  const single = optionOf(facts, {
    mode: "memory",
    threads: 1,
    seconds: speed.seconds(1),
    memory: speed.memory(),
    ...fits,
  });
  const options = [single];
  if (cores > 1) {
    const parts = { mode: "threads", threads: cores, seconds: speed.seconds(cores), memory: speed.memory() } as const;
    options.push(optionOf(facts, { ...parts, ...fits }));
  }
  options.push(chunkOption(facts, speed), rankOption(facts, speed));
  return { options: options.map((option) => ({ ...option })), ...chooseFrom(options, facts) };
}

/**
 * Bytes of learning in chunks beyond the empty process: a chunk twice, the engine that reads, a little for every row, and
 * what the estimator keeps of all rows.
 */
export function chunkBytes(
  size: Pick<PlanFacts, "rows" | "rowBytes" | "keptBytes"> & { readonly chunkRows: number },
): number {
  const { rows, rowBytes, keptBytes, chunkRows } = size;
  return CHUNK_ENGINE_BYTES + 2 * chunkRows * rowBytes + rows * KEPT_ROW_BYTES + keptBytes;
}

// Internal

/** Where nothing was measured: nanoseconds of an inner loop and of a cell read, known up to a factor of several. */
const GUESS = { unit: 2e-9, cell: 60e-9, start: 0.6, spread: 1 };
const GUESSED_PROCESS_BYTES = 170e6;
/** Share of a task's memory that a plan may count on: the rest is for what no plan sees. */
const USABLE = 0.8;
/** Share of the memory that a chunk and its copy may take, and bounds of its rows. */
const CHUNK_SHARE = 0.1;
const CHUNK_ROWS = { least: 1000, most: 50_000 };
/** The engine that reads the chunks, and what is kept of every row: role, target, prediction. */
const CHUNK_ENGINE_BYTES = 60e6;
const KEPT_ROW_BYTES = 24;
/** Estimates that rest on another mode's measurements. */
const TRANSFERRED = 0.35;
/** Seconds to read a byte of a file that was just written. */
const READ_BACK = 0.5e-9;
/** What of a fit runs on all threads, where no calibration says. */
const GUESSED_PARALLEL = 0.5;
/** Runs on as many ranks as cores: each pass ends in a sum over all. */
const RANK_OVERHEAD = 1.15;

/** Times and memory from measurements. */
class Speed {
  readonly #facts: PlanFacts;
  readonly #parallel: number;

  constructor(facts: PlanFacts) {
    this.#facts = facts;
    this.#parallel = parallelShare(
      facts.measured.filter(({ phase, family }) => phase === "fit" && family === facts.work.family),
    );
  }

  /** In memory, with so many threads. */
  seconds(threads: number): Estimate {
    return addEstimates([this.#read(), this.fit(threads), this.#evaluate()]);
  }

  /** Out of core: one thread learns from chunk after chunk, or all of them from what is kept of all chunks. */
  chunked(threads: number): Estimate {
    const { work, cells, passes, rows, rowBytes } = this.#facts;
    const family = work.family + CHUNKED;
    const own = fitLine(this.#of("fit", family));
    if (own !== undefined)
      return addEstimates([this.#read(), estimate(own, work.fit * this.#steps().expected), this.#evaluate()]);
    const perCell = fitLine(this.#of("read", READING))?.rate ?? GUESS.cell;
    // The rows are read for the sample and for the first pass; later passes read back what the steps made of them.
    const back = passes * rows * rowBytes * READ_BACK;
    const reading = banded(2 * perCell * cells + back, TRANSFERRED);
    const fit = this.fit(threads);
    return addEstimates([this.#read(), reading, widened(fit, TRANSFERRED), this.#evaluate()]);
  }

  fit(threads: number): Estimate {
    const { work } = this.#facts;
    const points = this.#of("fit", work.family).map((point) => ({
      ...point,
      value: point.value / this.#factor(point.threads),
    }));
    const line = fitLine(points);
    const steps = this.#steps();
    const whole =
      line === undefined ? banded(GUESS.unit * work.fit, GUESS.spread) : estimate(line, work.fit * steps.expected);
    const factor = this.#factor(threads);
    return {
      expected: whole.expected * factor,
      low: whole.low * factor * (steps.low / steps.expected),
      high: whole.high * factor * (steps.high / steps.expected),
    };
  }

  memory(): Estimate {
    return this.#bytes(this.#facts.work.family, this.#facts.work.bytes);
  }

  chunkMemory(chunkRows: number): Estimate {
    const { rowBytes, rows, keptBytes, work } = this.#facts;
    return this.#bytes(work.family + CHUNKED, chunkBytes({ rows, rowBytes, keptBytes, chunkRows }));
  }

  // Internal

  #of(phase: string, family: string): (Measurement & { readonly threads: number })[] {
    const found = this.#facts.measured.filter((one) => one.phase === phase && one.family === family);
    // A real run says more than made-up numbers do.
    return found.map(({ units, value, threads, source }) => ({
      units,
      value,
      threads,
      weight: source === "run" ? 3 : 1,
    }));
  }

  #read(): Estimate {
    const { cells } = this.#facts;
    const line = fitLine(this.#of("read", READING));
    return line === undefined ? banded(GUESS.start + GUESS.cell * cells, GUESS.spread) : estimate(line, cells);
  }

  #evaluate(): Estimate {
    const { work } = this.#facts;
    const line = fitLine(this.#of("evaluate", work.family));
    return line === undefined ? banded(0.05 + GUESS.unit * work.evaluate, GUESS.spread) : estimate(line, work.evaluate);
  }

  /** Share of its steps that a fit makes: all, unless it may stop before, of which earlier runs tell. */
  #steps(): Estimate {
    const { work } = this.#facts;
    if (!work.stopsEarly) return { expected: 1, low: 1, high: 1 };
    const shares = this.#of("steps", work.family)
      .map(({ value }) => value)
      .sort((a, b) => a - b);
    if (shares.length === 0) return { expected: 0.6, low: 0.05, high: 1 };
    const expected = shares[shares.length >> 1];
    return {
      expected,
      low: Math.min(expected, shares[0] * 0.8),
      high: Math.min(1, Math.max(expected, shares[shares.length - 1] * 1.2)),
    };
  }

  /** Time with so many threads to time with one (Amdahl 1967). */
  #factor(threads: number): number {
    return 1 - this.#parallel + this.#parallel / threads;
  }

  /** The process as it was measured without data, and what the work counts, corrected by what runs really took. */
  #bytes(family: string, dynamic: number): Estimate {
    const points = this.#of("memory", family);
    const empty = points.filter(({ units }) => units === 0).map(({ value }) => value);
    const base = empty.length === 0 ? GUESSED_PROCESS_BYTES : Math.min(...empty);
    const ratios = points
      .filter(({ units, value }) => units > MEASURABLE_BYTES && value > base)
      .map(({ units, value }) => (value - base) / units)
      .sort((a, b) => a - b);
    // The count itself weighs as much as one run.
    const all = [...ratios, 1].sort((a, b) => a - b);
    const ratio = all[all.length >> 1];
    const spread = Math.max(0.12, 0.35 / Math.sqrt(1 + ratios.length));
    const part = banded(dynamic * ratio, spread);
    const fixed = banded(base, 0.08);
    return addEstimates([fixed, part]);
  }
}

/** Less than this disappears in the process's own memory. */
const MEASURABLE_BYTES = 30e6;

/** From fits of the same size with one thread and with more; a half where there are none. */
function parallelShare(fits: readonly Measured[]): number {
  for (const many of fits) {
    if (many.threads < 2 || many.source !== "calibration") continue;
    const one = fits.find(
      ({ threads, units, source }) => threads === 1 && units === many.units && source === "calibration",
    );
    if (one === undefined) continue;
    const share = (1 - many.value / one.value) / (1 - 1 / many.threads);
    return Math.min(0.98, Math.max(0, share));
  }
  return GUESSED_PARALLEL;
}

function widened({ expected, low, high }: Estimate, spread: number): Estimate {
  const other = banded(expected, spread);
  return { expected, low: Math.min(low, other.low), high: Math.max(high, other.high) };
}

function fitsMemory({ memoryMb }: PlanFacts, memory: Estimate): { feasible: boolean; reason: string } {
  const limit = memoryMb * 1e6;
  const feasible = memory.expected <= USABLE * limit;
  const reason = feasible
    ? "all rows fit into the memory of a training"
    : `needs about ${megabytes(memory.expected)} of memory, a training has ${megabytes(limit)}`;
  return { feasible, reason };
}

interface OptionParts {
  readonly mode: PlanOption["mode"];
  readonly threads: number;
  readonly seconds: Estimate;
  readonly memory: Estimate;
  readonly feasible: boolean;
  readonly reason: string;
  readonly chunkRows?: number;
  readonly ranks?: number;
}

function optionOf({ prices }: PlanFacts, parts: OptionParts): PlanOption {
  const { mode, threads, seconds, memory, feasible, reason, chunkRows = null, ranks = 1 } = parts;
  const together = Math.max(threads, ranks);
  const cpuSeconds = seconds.expected * (together > 1 || mode === "threads" ? together * BUSY : 1);
  const memoryMbSeconds = (memory.expected / 1e6) * seconds.expected;
  const amount = costOf(prices, "train", { cpuSeconds, memoryMbSeconds });
  return {
    mode,
    threads,
    ranks,
    chunkRows,
    feasible,
    reason,
    seconds,
    memoryBytes: memory,
    cost: { amount, currency: prices.currency },
  };
}

/** How busy threads that work together are on average. */
const BUSY = 0.8;

function refused(mode: PlanOption["mode"], reason: string): PlanOption {
  return {
    mode,
    threads: 1,
    ranks: 1,
    chunkRows: null,
    feasible: false,
    reason,
    seconds: null,
    memoryBytes: null,
    cost: null,
  };
}

function chunkOption(facts: PlanFacts, speed: Speed): PlanOption {
  const { chunkRefusal, memoryMb, rowBytes, passes, keptBytes, cores } = facts;
  if (chunkRefusal !== undefined) return refused("outofcore", chunkRefusal);
  const limit = memoryMb * 1e6;
  const left = USABLE * limit - speed.chunkMemory(0).expected;
  const affordable = Math.floor(Math.min(CHUNK_SHARE * limit, Math.max(0, left)) / 2 / rowBytes);
  const chunkRows = Math.max(CHUNK_ROWS.least, Math.min(CHUNK_ROWS.most, affordable));
  const memory = speed.chunkMemory(chunkRows);
  const { feasible, reason } = fitsMemory(facts, memory);
  const threads = keptBytes > 0 ? cores : 1;
  const how =
    keptBytes > 0
      ? `reads chunks of ${chunkRows} rows and learns from a byte for each of their values, which stay in memory`
      : `learns from chunks of ${chunkRows} rows, in each of ${passes} ${passes === 1 ? "pass" : "passes"}`;
  const parts = { mode: "outofcore", threads, seconds: speed.chunked(threads), memory, chunkRows } as const;
  return optionOf(facts, { ...parts, feasible, reason: feasible ? how : reason });
}

function rankOption(facts: PlanFacts, speed: Speed): PlanOption {
  const { rankRefusal, cores } = facts;
  if (rankRefusal !== undefined) return refused("ranks", rankRefusal);
  const ranks = Math.max(2, cores);
  const alone = speed.seconds(1);
  const fit = speed.fit(1);
  const shared = widened({ ...fit, expected: (fit.expected / Math.min(ranks, cores)) * RANK_OVERHEAD }, TRANSFERRED);
  const seconds = addEstimates([{ ...alone, expected: alone.expected - fit.expected }, shared]);
  const gain = alone.expected / seconds.expected;
  const memory = speed.memory();
  const reason = `\`--ranks ${ranks}\` on this machine: about ${gain.toFixed(1)} times as fast as one thread; with --hosts, more machines share the rows`;
  return optionOf(facts, { mode: "ranks", threads: 1, ranks, seconds, memory, feasible: true, reason });
}

function chooseFrom(options: readonly PlanOption[], facts: PlanFacts): Pick<PlanChoice, "chosen" | "warnings"> {
  const [single] = options;
  const at = (mode: PlanOption["mode"]) => options.findIndex((option) => option.mode === mode);
  const threads = options[at("threads")];
  const chunks = options[at("outofcore")];
  if (single.feasible) {
    const saved = threads === undefined ? 0 : (single.seconds?.expected ?? 0) - (threads.seconds?.expected ?? 0);
    const worth = saved >= THREADS_SAVE.seconds && saved >= THREADS_SAVE.share * (single.seconds?.expected ?? 0);
    return { chosen: worth ? at("threads") : 0, warnings: [] };
  }
  if (chunks?.feasible) return { chosen: at("outofcore"), warnings: [] };
  const cure = `raise \`massif up --task-memory\` above ${Math.ceil((single.memoryBytes?.expected ?? 0) / USABLE / 1e6)} MB, or choose an estimator that learns in chunks`;
  const problem = `${single.reason}, and out of core: ${chunks?.reason}; it is tried in memory all the same: ${cure}`;
  return { chosen: facts.cores > 1 ? at("threads") : 0, warnings: [problem] };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
