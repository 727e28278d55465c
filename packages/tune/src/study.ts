// A study: trials of a function of parameters, asked for and told by whoever runs it. It does no input or output,
// reads no clock and draws all randomness from its seed and the trial's number, so that the same calls give the same
// study and a stored one goes on as if it had never stopped.
import { inWords, StudyError } from "./errors.ts";
import type { Pruner } from "./pruners/pruner.ts";
import { Random } from "./random.ts";
import type { Sampler } from "./samplers/sampler.ts";
import { type PrunerSpec, prunerFrom, type SamplerSpec, samplerFrom } from "./settings.ts";
import { readSnapshot, type StudySnapshot } from "./snapshot.ts";
import { isRecord } from "./space/check-parameter.ts";
import type { Params, SpaceSpec } from "./space/parameter.ts";
import { drawUniform, Space } from "./space/space.ts";
import { asLoss, type Direction, firstFrom, type Report, type Trial } from "./trial.ts";

/** What a study is made of; all of it is JSON. */
export interface StudySpec {
  readonly space: SpaceSpec;
  /** By default "minimize". */
  readonly direction?: Direction;
  /** A whole number from 0 to 2^53 - 1; by default 0. */
  readonly seed?: number;
  /** By default {name: "tpe"}. */
  readonly sampler?: SamplerSpec;
  /** By default {name: "none"}. */
  readonly pruner?: PrunerSpec;
}

/** How a trial ended. */
export type Outcome = { readonly value: number } | { readonly state: "failed" | "pruned"; readonly reason?: string };

interface OpenTrial extends Trial {
  state: Trial["state"];
  value: number | null;
  reports: Report[];
  reason: string | null;
  attempts: number;
}

/** Trials of one function of parameters. */
export class Study {
  readonly space: Space;
  readonly direction: Direction;
  readonly seed: number;
  readonly samplerSpec: SamplerSpec;
  readonly prunerSpec: PrunerSpec;
  readonly #sampler: Sampler;
  readonly #pruner: Pruner;
  readonly #trials: OpenTrial[] = [];
  #queue: Params[] = [];

  /** Throws SpaceError or StudyError where the specification, which may be any JSON, is wrong. */
  constructor({ space, direction = "minimize", seed = 0, sampler, pruner }: StudySpec) {
    this.space = new Space(space);
    if (direction !== "minimize" && direction !== "maximize")
      throw new StudyError(
        "bad-option",
        "direction",
        `\`direction\` must be minimize or maximize, got ${inWords(direction)}`,
      );
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new StudyError(
        "bad-option",
        "seed",
        `\`seed\` must be a whole number from 0 to 2^53 - 1, got ${inWords(seed)}`,
      );
    this.direction = direction;
    this.seed = seed;
    ({ sampler: this.#sampler, spec: this.samplerSpec } = samplerFrom(sampler ?? { name: "tpe" }));
    ({ pruner: this.#pruner, spec: this.prunerSpec } = prunerFrom(pruner ?? { name: "none" }));
  }

  /** The study that `toJSON` wrote, with all its trials; throws StudyError or SpaceError where it is not whole. */
  static fromJSON(json: unknown): Study {
    const { spec, trials, queue } = readSnapshot(json);
    const study = new Study(spec);
    for (const trial of trials) {
      study.space.check(trial.params);
      study.#trials.push(copyOf(trial));
    }
    for (const params of queue) study.enqueue(params);
    return study;
  }

  /** All trials by number. */
  get trials(): readonly Trial[] {
    return this.#trials;
  }

  /** The complete trial with the best value, the earliest of equals; null before there is one. */
  get best(): Trial | null {
    let best: Trial | null = null;
    let least = Infinity;
    for (const trial of this.#trials) {
      if (trial.state !== "complete") continue;
      const loss = asLoss(trial.value!, this.direction);
      if (best === null || loss < least) [best, least] = [trial, loss];
    }
    return best;
  }

  /** Begins the next trial: what was enqueued first, then what the sampler suggests; null where a grid is used up. */
  ask(): Trial | null {
    const number = this.#trials.length;
    const random = new Random(this.seed, 2 * number);
    const { space, direction, seed } = this;
    const suggested = this.#sampler.suggest({ space, trials: this.#trials, direction, random, seed });
    const given = this.#queue[0];
    if (suggested === null && given === undefined) return null;
    const params = given === undefined ? suggested! : this.#around(given, suggested ?? {}, random);
    if (given !== undefined) this.#queue = this.#queue.slice(1);
    const trial: OpenTrial = {
      number,
      params: Object.freeze(params),
      seed: new Random(this.seed, 2 * number + 1).uint32(),
      state: "running",
      value: null,
      reports: [],
      reason: null,
      attempts: 1,
    };
    this.#trials.push(trial);
    return trial;
  }

  /** Takes parameters to try next, before the sampler's; those left out are sampled. Throws SpaceError. */
  enqueue(params: Params): void {
    this.space.checkPartial(params);
    this.#queue.push(Object.freeze({ ...params }));
  }

  /**
   * Takes an intermediate value of a running trial and says whether to go on; "stop" ends nothing by itself, whoever runs
   * the trial then tells it as pruned. The same report again changes nothing. A report at or before the last step that
   * differs means that the evaluation was taken up from an earlier point: later reports are dropped. A trial that is no
   * longer running is told to stop.
   */
  report(number: number, step: number, value: number): "continue" | "stop" {
    const trial = this.#find(number);
    if (!Number.isSafeInteger(step) || step < 0)
      throw new StudyError("bad-report", "step", `\`step\` must be a whole number >= 0, got ${inWords(step)}`);
    if (typeof value !== "number")
      throw new StudyError("bad-report", "value", `the value at step ${step} must be a number, got ${inWords(value)}`);
    if (trial.state !== "running") return "stop";
    const report: Report = { step, value: Number.isFinite(value) ? value : null };
    const at = firstFrom(trial.reports, step);
    const known = trial.reports[at];
    if (known?.step !== step || known.value !== report.value) trial.reports.splice(at, Infinity, report);
    const seen = { ...trial, reports: trial.reports.slice(0, at + 1) };
    const stop = this.#pruner.shouldStop({ trial: seen, trials: this.#trials, direction: this.direction });
    return stop ? "stop" : "continue";
  }

  /**
   * Ends a running trial. A value that is not finite makes it a failed one. Telling a trial the same again changes
   * nothing; telling it anything else after its end throws StudyError.
   */
  tell(number: number, outcome: Outcome): Trial {
    const trial = this.#find(number);
    const { state, value, reason } = readOutcome(outcome);
    if (trial.state !== "running") {
      if (trial.state === state && trial.value === value) return trial;
      const was = trial.state === "complete" ? `complete with ${trial.value}` : trial.state;
      throw new StudyError(
        "finished-trial",
        "number",
        `trial ${number} is already ${was} and cannot become ${state}${value === null ? "" : ` with ${value}`}${
          trial.state === "failed" ? "; retry it first" : ""
        }`,
      );
    }
    return Object.assign(trial, { state, value, reason });
  }

  /**
   * Begins a running or failed trial again, with the same number, parameters and seed: for evaluations that were lost.
   * Its reports stay, because an evaluation may continue from where it was. Throws StudyError for other trials.
   */
  retry(number: number): Trial {
    const trial = this.#find(number);
    if (trial.state !== "running" && trial.state !== "failed")
      throw new StudyError(
        "finished-trial",
        "number",
        `trial ${number} is ${trial.state}; only running and failed trials can be retried`,
      );
    return Object.assign(trial, { state: "running", value: null, reason: null, attempts: trial.attempts + 1 });
  }

  /** All that the study is, as JSON that shares nothing with it. */
  toJSON(): StudySnapshot {
    return structuredClone({
      format: "massif-study",
      version: 1,
      space: this.space.spec,
      direction: this.direction,
      seed: this.seed,
      sampler: this.samplerSpec,
      pruner: this.prunerSpec,
      trials: this.#trials,
      queue: this.#queue,
    });
  }

  #find(number: number): OpenTrial {
    const trial = Number.isSafeInteger(number) ? this.#trials[number] : undefined;
    if (trial === undefined)
      throw new StudyError(
        "unknown-trial",
        "number",
        `the study has no trial ${inWords(number)}; it has ${this.#trials.length}, numbered from 0`,
      );
    return trial;
  }

  // What was given holds; what it makes exist and the suggestion lacks is drawn uniformly.
  #around(given: Params, suggested: Params, random: Random): Params {
    return this.space.complete({ ...suggested, ...given }, (dimension) => drawUniform(dimension, random));
  }
}

// Internal

function copyOf({ number, params, seed, state, value, reports, reason, attempts }: Trial): OpenTrial {
  const steps = reports.map((report) => ({ step: report.step, value: report.value }));
  return { number, params: Object.freeze({ ...params }), seed, state, value, reports: steps, reason, attempts };
}

function readOutcome(outcome: Outcome): Pick<Trial, "state" | "value" | "reason"> {
  if (!isRecord(outcome) || ("value" in outcome && "state" in outcome))
    throw new StudyError(
      "bad-result",
      "outcome",
      `a trial ends with a \`value\` or a \`state\`, got ${inWords(outcome)}`,
    );
  if ("value" in outcome) {
    const { value } = outcome;
    if (typeof value !== "number")
      throw new StudyError("bad-result", "value", `\`value\` must be a number, got ${inWords(value)}`);
    if (Number.isFinite(value)) return { state: "complete", value, reason: null };
    return { state: "failed", value: null, reason: `the value was ${value}, not a finite number` };
  }
  const { state, reason = null } = outcome;
  if (state !== "failed" && state !== "pruned")
    throw new StudyError(
      "bad-result",
      "state",
      `a trial ends with a \`value\`, failed or pruned, got ${inWords(state)}`,
    );
  return { state, value: null, reason };
}
