// Options of commands that set how an endpoint serves: the usual settings by name, all others by `--set`.
import { ServingPolicyRequest } from "@massif/api";
import { type Command, InvalidArgumentError } from "commander";
import { numberBetween, oneOf, wholeNumber } from "./command.ts";

/** What the options give. */
export interface ServingOptions {
  readonly placement?: "auto" | "inline" | "worker" | "process";
  readonly min?: number;
  readonly max?: number;
  readonly target?: number;
  readonly batch?: number;
  readonly batchDelay?: number;
  readonly slo?: number;
  readonly set?: ServingPolicyRequest;
}

/** Adds the options. */
export function addServingOptions(command: Command): Command {
  return command
    .option(
      "--placement <where>",
      "auto, inline (in the server's process), worker (thread) or process",
      oneOf(["auto", "inline", "worker", "process"]),
    )
    .option("--min <replicas>", "fewest replicas; 0 allows scaling to zero", wholeNumber(0, 256))
    .option("--max <replicas>", "most replicas; default: the server's cores", wholeNumber(1, 256))
    .option("--target <requests>", "requests in flight per replica", numberBetween(0, 100_000))
    .option("--batch <rows>", "most rows that go to a replica together; 1: no batching", wholeNumber(1, 65_536))
    .option("--batch-delay <ms>", "how long a request may wait for company", wholeNumber(0, 10_000))
    .option("--slo <ms>", "refuse at once what would take longer", wholeNumber(1, 600_000))
    .option("--set <name=value>", `any setting (repeatable): ${Object.keys(SHAPE).join(", ")}`, setting);
}

/** The settings that were given; undefined when none was. */
export function servingPolicy(options: ServingOptions): ServingPolicyRequest | undefined {
  const named = {
    placement: options.placement,
    minReplicas: options.min,
    maxReplicas: options.max,
    targetConcurrency: options.target,
    maxBatchSize: options.batch,
    maxQueueDelayMs: options.batchDelay,
    sloMs: options.slo,
  };
  const given = Object.entries({ ...named, ...options.set }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

// Internal

const SHAPE = ServingPolicyRequest.shape;

function setting(text: string, before: ServingPolicyRequest = {}): ServingPolicyRequest {
  const [name, value] = text.split("=", 2);
  const type = (SHAPE as Record<string, (typeof SHAPE)[keyof typeof SHAPE] | undefined>)[name];
  if (value === undefined) throw new InvalidArgumentError("Give a name and a value, such as minReplicas=0.");
  if (type === undefined)
    throw new InvalidArgumentError(`There is no setting ${name}; there are ${Object.keys(SHAPE).join(", ")}.`);
  const read = type.safeParse(settingValue(name, value));
  if (!read.success) throw new InvalidArgumentError(`${name}: ${read.error.issues[0].message}.`);
  return { ...before, [name]: read.data };
}

function settingValue(name: string, text: string): unknown {
  if (name === "placement") return text;
  if (name === "preferredBatchSizes") return text === "" ? [] : text.split(",").map(Number);
  return text === "none" || text === "null" ? null : Number(text);
}
