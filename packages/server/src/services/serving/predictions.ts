// Predictions: the one place where a request meets a variant, is answered, counted and settled, whichever protocol
// it came by.
import { ApiError, type PredictResponse } from "@massif/api";
import { findEndpoint, listEndpoints } from "../../store/endpoints.ts";
import type { Row } from "../../store/schema.ts";
import type { Caller } from "../caller.ts";
import type { Means } from "../means.ts";
import type { Meter } from "../meter.ts";
import { type PredictAnswer, type PredictAsked, predictAnswer } from "../predict-answer.ts";
import { costOf } from "../prices.ts";
import type { LiveEndpoint, LiveVariant } from "./live-endpoint.ts";
import { requireRunning, type Serving } from "./serving.ts";
import { chooseVariant } from "./variant-choice.ts";

/** What predictions need beside the usual means. */
export interface PredictionMeans {
  readonly serving: Serving;
  readonly meter: Meter;
  onRows(endpoint: string, count: number): void;
  /** Chooses variants: numbers from 0 up to 1. */
  readonly random: () => number;
}

/** An answer, and what is to be done when its size is known. */
export interface Predicted {
  readonly response: PredictResponse;
  /** Which version answered, as `name@version`. */
  readonly answeredBy: string;
  readonly cost: { readonly amount: number; readonly currency: string };
  /** Counts the request; to be called once, when the answer has gone out or could not. */
  settle(bytesOut: number): void;
}

/** An answer of any protocol. */
export interface Answered<A> {
  readonly answer: A;
  readonly variant: LiveVariant;
  readonly cost: { readonly amount: number; readonly currency: string };
  settle(bytesOut: number): void;
}

/** What an answer must tell so that it can be counted. */
type Counted =
  | Pick<Extract<PredictAnswer, { ok: true }>, "ok" | "rows" | "cpuSeconds">
  | Extract<PredictAnswer, { ok: false }>;

/** Answers requests to endpoints. */
export class Predictions {
  readonly #means: Pick<Means, "store" | "prices" | "limits">;
  readonly #own: PredictionMeans;

  constructor(means: Pick<Means, "store" | "prices" | "limits">, own: PredictionMeans) {
    this.#means = means;
    this.#own = own;
  }

  /** Predicts rows or tensors; throws NOT_FOUND, INVALID_ROWS, TOO_LARGE, ENDPOINT_STOPPED, OVERLOADED. */
  async predict(
    caller: Caller,
    name: string,
    { bytesIn, ...asked }: PredictAsked & { bytesIn: number },
  ): Promise<Predicted> {
    const endpoint = this.#own.serving.find(caller.projectId, name) ?? (await this.find(caller, name));
    const variant = this.choose(endpoint);
    const work = () => predictAnswer(variant, asked, this.#means.limits);
    const { answer, cost, settle } = await this.answer({ caller, endpoint, variant, bytesIn }, work);
    const { model } = variant;
    const response = { ...answer.body, model, cost, requestId: caller.requestId } as PredictResponse;
    return { response, answeredBy: `${model.name}@${model.version}`, cost, settle };
  }

  /** The endpoint of this name, loaded when it is not yet; throws NOT_FOUND, ENDPOINT_STOPPED. */
  async find(caller: Pick<Caller, "projectId">, name: string): Promise<LiveEndpoint> {
    const row = await this.#row(caller, name);
    requireRunning(row);
    // Something that another process deployed, or that could not be loaded at start.
    const live = this.#own.serving.byId(row.id) ?? (await this.#own.serving.refresh(row.id));
    if (live === undefined) throw new ApiError("ENDPOINT_STOPPED", `the endpoint "${name}" is stopped`);
    return live;
  }

  /** One variant for a request, by the weights. */
  choose(endpoint: LiveEndpoint): LiveVariant {
    return chooseVariant(endpoint.variants, this.#own.random);
  }

  /** Does `work` for a request and counts it; throws INVALID_ROWS for an answer that is none, and what `work` throws. */
  async answer<A extends Counted>(asked: AskedOf, work: () => Promise<A>): Promise<Answered<Extract<A, { ok: true }>>> {
    const { caller, endpoint, variant, bytesIn } = asked;
    const began = performance.now();
    const note = (rows: number, failed: boolean) =>
      endpoint.traffic.request({ rows, failed, millis: performance.now() - began });
    let answer: A;
    try {
      answer = await work();
    } catch (error) {
      note(0, true);
      throw error;
    }
    const { prices } = this.#means;
    const { cpuSeconds } = answer;
    const counted = { requests: 1, rows: answer.ok ? answer.rows : 0, cpuSeconds };
    const amount = costOf(prices, "predict", counted);
    const { projectId, keyId } = caller;
    const key = { projectId, keyId, endpointId: endpoint.id, modelVersionId: variant.modelVersionId };
    const settle = (bytesOut: number) =>
      this.#own.meter.add(key, { ...counted, errors: answer.ok ? 0 : 1, bytesIn, bytesOut, cost: amount });
    note(counted.rows, !answer.ok);
    if (!answer.ok) {
      settle(0);
      throw new ApiError("INVALID_ROWS", answer.message, { details: answer.problems });
    }
    this.#own.onRows(endpoint.name, counted.rows);
    return {
      answer: answer as Extract<A, { ok: true }>,
      variant,
      cost: { amount, currency: prices.currency },
      settle,
    };
  }

  // Internal

  async #row({ projectId }: Pick<Caller, "projectId">, name: string): Promise<Row<"endpoints">> {
    const { db } = this.#means.store;
    const row = await findEndpoint(db, { projectId, ref: name });
    if (row !== undefined && row.deployment_id !== null) return row;
    throw await unknownEndpoint({ db, projectId }, name);
  }
}

/** Whose request it is and who answers it. */
export interface AskedOf {
  readonly caller: Caller;
  readonly endpoint: LiveEndpoint;
  readonly variant: LiveVariant;
  readonly bytesIn: number;
}

/** NOT_FOUND that names what there is. */
export async function unknownEndpoint(
  { db, projectId }: { readonly db: Means["store"]["db"]; readonly projectId: string },
  name: string,
): Promise<ApiError> {
  const all = (await listEndpoints(db, projectId)).filter(({ deployment_id }) => deployment_id !== null);
  const known = all.map((endpoint) => endpoint.name).slice(0, 10);
  const hint = known.length === 0 ? "none is deployed yet" : `there are: ${known.join(", ")}`;
  return new ApiError("NOT_FOUND", `there is no endpoint "${name}"; ${hint}`);
}
