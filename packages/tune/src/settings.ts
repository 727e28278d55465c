// The settings of a study as JSON: which sampler and pruner, with every default written out, so that a stored study
// does not change when a default does.
import { inWords, StudyError } from "./errors.ts";
import { HalvingPruner } from "./pruners/halving-pruner.ts";
import { MedianPruner } from "./pruners/median-pruner.ts";
import { NoPruner, type Pruner } from "./pruners/pruner.ts";
import { GridSampler } from "./samplers/grid-sampler.ts";
import { RandomSampler } from "./samplers/random-sampler.ts";
import type { Sampler } from "./samplers/sampler.ts";
import { TpeSampler } from "./samplers/tpe-sampler.ts";
import { isRecord } from "./space/check-parameter.ts";

interface Setting<T> {
  readonly default: T;
  readonly allows: (value: unknown) => boolean;
  readonly rule: string;
}

interface Kind<Built> {
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
  // The settings have been checked against the table above them.
  readonly build: (values: never) => Built;
}

/** A sampler by name, with the settings that are not the default. */
export interface SamplerSpec {
  readonly name: "tpe" | "random" | "grid";
  readonly [setting: string]: unknown;
}

/** A pruner by name, with the settings that are not the default. */
export interface PrunerSpec {
  readonly name: "none" | "median" | "halving";
  readonly [setting: string]: unknown;
}

// Defaults are those of Optuna 5 (docs: TPESampler, MedianPruner, SuccessiveHalvingPruner).
const SAMPLERS: Readonly<Record<SamplerSpec["name"], Kind<Sampler>>> = {
  tpe: {
    settings: {
      startup: wholeFrom(0, 10),
      candidates: wholeFrom(1, 24),
      priorWeight: { default: 1, allows: (v) => Number.isFinite(v) && (v as number) > 0, rule: "a number > 0" },
      constantLiar: { default: true, allows: (v) => typeof v === "boolean", rule: "true or false" },
    },
    build: (values) => new TpeSampler(values),
  },
  random: { settings: {}, build: () => new RandomSampler() },
  grid: { settings: { levels: wholeFrom(1, 5) }, build: ({ levels }: { levels: number }) => new GridSampler(levels) },
};

const PRUNERS: Readonly<Record<PrunerSpec["name"], Kind<Pruner>>> = {
  none: { settings: {}, build: () => new NoPruner() },
  median: {
    settings: { startup: wholeFrom(0, 5), warmup: wholeFrom(0, 0) },
    build: (values) => new MedianPruner(values),
  },
  halving: {
    settings: {
      minResource: {
        default: "auto",
        allows: (v) => v === "auto" || (Number.isSafeInteger(v) && (v as number) >= 1),
        rule: '"auto" or a whole number >= 1',
      },
      reductionFactor: wholeFrom(2, 4),
      minEarlyStoppingRate: wholeFrom(0, 0),
    },
    build: (values) => new HalvingPruner(values),
  },
};

/** The sampler of a specification that may be any JSON, and the specification with all defaults; throws StudyError. */
export function samplerFrom(spec: unknown): { sampler: Sampler; spec: SamplerSpec } {
  const { built, full } = buildFrom("sampler", SAMPLERS, spec);
  return { sampler: built, spec: full as SamplerSpec };
}

/** The pruner of a specification that may be any JSON, and the specification with all defaults; throws StudyError. */
export function prunerFrom(spec: unknown): { pruner: Pruner; spec: PrunerSpec } {
  const { built, full } = buildFrom("pruner", PRUNERS, spec);
  return { pruner: built, spec: full as PrunerSpec };
}

// Internal

function wholeFrom(min: number, usual: number): Setting<number> {
  return {
    default: usual,
    allows: (value) => Number.isSafeInteger(value) && (value as number) >= min,
    rule: `a whole number >= ${min}`,
  };
}

function buildFrom<Built>(what: string, kinds: Readonly<Record<string, Kind<Built>>>, spec: unknown) {
  const name = isRecord(spec) ? spec.name : undefined;
  if (!isRecord(spec) || typeof name !== "string" || !Object.hasOwn(kinds, name))
    throw new StudyError(
      "bad-option",
      `${what}.name`,
      `\`${what}\` must be an object with a \`name\` of ${Object.keys(kinds).join(", ")}, got ${inWords(spec)}`,
    );
  const { settings, build } = kinds[name];
  const full: Record<string, unknown> = { name };
  for (const [key, { default: usual, allows, rule }] of Object.entries(settings)) {
    full[key] = spec[key] ?? usual;
    if (!allows(full[key])) refuse(what, key, `\`${key}\` of ${name} must be ${rule}, got ${inWords(full[key])}`);
  }
  for (const key of Object.keys(spec)) {
    if (!Object.hasOwn(full, key))
      refuse(what, key, `${name} has no setting \`${key}\`; it has: ${Object.keys(settings).join(", ") || "none"}`);
  }
  return { built: build(full as never), full: Object.freeze(full) };
}

function refuse(what: string, key: string, message: string): never {
  throw new StudyError("bad-option", `${what}.${key}`, message);
}
