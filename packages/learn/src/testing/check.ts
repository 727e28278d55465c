// What a conformance check is, and the few assertions that checks are written in; no test framework is needed.
import type { KernelRuntime } from "@massif/kernels";
import type { FitContext, FittedState, Progress, Tensor } from "../base/component.ts";
import { sha256 } from "../base/sha256.ts";
import { canonicalJson } from "../compose/pipeline-spec.ts";
import { writeTensors } from "../model/safetensors.ts";

/** Where checks run: two runtimes that differ in the number of threads alone. */
export interface CheckRuntimes {
  readonly one: KernelRuntime;
  readonly two: KernelRuntime;
}

/** One requirement of the contract; `run` rejects with the reason when a component does not meet it. */
export interface Check {
  /** A sentence of behaviour, to be a test's name. */
  readonly name: string;
  run(runtimes: CheckRuntimes): Promise<void>;
}

/** Rejects unless `condition` holds. */
export function ensure(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Error(reason);
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** The error of one of `classes` that `body` throws or rejects with; any other outcome rejects. */
export async function requireError(
  classes: readonly ErrorClass[],
  body: () => unknown,
  situation: string,
): Promise<Error> {
  const names = classes.map(({ name }) => name).join(" or ");
  try {
    await body();
  } catch (error) {
    if (classes.some((type) => error instanceof type)) return error as Error;
    throw new Error(`${situation}: expected ${names}, got ${String(error)}`, { cause: error });
  }
  throw new Error(`${situation}: expected ${names}, but nothing was thrown`);
}

/** A context for a fit on `runtime` that hands every report to `report`. */
export function contextOf(
  runtime: KernelRuntime,
  { seed = 1, report = () => {} }: { seed?: number; report?: (progress: Progress) => void } = {},
): FitContext {
  return { runtime, seed, report: async (progress) => report(progress) };
}

/** SHA-256 of a state, equal for equal bits. */
export async function hashState({ tensors, meta }: FittedState): Promise<string> {
  const map = new Map<string, Tensor>(Object.entries(tensors));
  return sha256(writeTensors({ tensors: map, metadata: new Map([["meta", canonicalJson(meta)]]) }));
}

/** True when two arrays hold the same bits but for the payload of NaN. */
export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
