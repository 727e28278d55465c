// The Open Inference Protocol: takes requests apart, calls a service, gives its answer back.
import { ApiError, type InferenceRequest } from "@massif/api";
import type { Asked, Handlers } from "../handlers.ts";
import { MODEL_HEADER } from "./endpoints.ts";
import { paid } from "./paid.ts";
import type { Services } from "./services.ts";

/** Handlers of the Open Inference Protocol. */
export function openInferenceHandlers(services: Services) {
  const { inference, system } = services;
  const infer = (asked: InferAsked, name: string, version?: number) => {
    const { caller, body, bytesIn, header } = asked;
    const work = async () => {
      const inferred = await inference.infer(caller, name, { version, request: body, bytesIn });
      header(MODEL_HEADER, inferred.answeredBy);
      return inferred;
    };
    return paid(services, asked, { rows: Math.max(1, body.inputs[0].shape[0] ?? 1), work });
  };
  return {
    inferenceServer: async () => ({ name: "massif", version: system.info().version, extensions: [] }),
    inferenceLive: async () => ({ live: true }),
    inferenceReady: async () => {
      const { status, checks } = await system.ready();
      if (status === "ok") return { live: true, ready: true };
      const reasons = checks.flatMap(({ reason }) => reason ?? []);
      throw new ApiError("OVERLOADED", `not ready: ${reasons.join("; ")}`, { retryAfter: 2 });
    },
    inferenceModels: async ({ caller }) => ({ models: await inference.models(caller) }),
    inferenceModel: ({ caller, params }) => inference.model(caller, params.name),
    inferenceModelVersion: ({ caller, params }) => inference.model(caller, params.name, params.version),
    inferenceModelReady: async ({ caller, params: { name } }) => ({ name, ready: await inference.ready(caller, name) }),
    inferenceModelVersionReady: async ({ caller, params: { name, version } }) => ({
      name,
      ready: await inference.ready(caller, name, version),
    }),
    infer: (asked) => infer(asked, asked.params.name),
    inferVersion: (asked) => infer(asked, asked.params.name, asked.params.version),
  } satisfies Partial<Handlers>;
}

// Internal

type InferAsked = Pick<Asked<unknown>, "caller" | "bytesIn" | "header" | "sent"> & { readonly body: InferenceRequest };
