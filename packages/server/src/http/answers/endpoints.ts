// Endpoints and predictions: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import { paid } from "./paid.ts";
import type { Services } from "./services.ts";

/** The header that says which model version answered. */
export const MODEL_HEADER = "x-massif-model";

/** Handlers of endpoints and predictions. */
export function endpointHandlers(services: Services) {
  const { endpoints, predictions } = services;
  return {
    deploy: ({ caller, params, body }) => endpoints.deploy(caller, params.name, body),
    listEndpoints: ({ caller }) => endpoints.list(caller),
    getEndpoint: ({ caller, params }) => endpoints.get(caller, params.name),
    getEndpointTypes: ({ caller, params, origin }) => endpoints.types(caller, params.name, origin),
    getEndpointTraffic: ({ caller, params, query }) => endpoints.traffic(caller, params.name, query.seconds),
    setWeights: ({ caller, params, body }) => endpoints.setWeights(caller, params.name, body.weights),
    promote: ({ caller, params, body }) => endpoints.promote(caller, params.name, body),
    rollback: ({ caller, params }) => endpoints.rollback(caller, params.name),
    setServingPolicy: ({ caller, params, body }) => endpoints.setPolicy(caller, params.name, body),
    stopEndpoint: ({ caller, params }) => endpoints.stop(caller, params.name),
    predict: (asked) => {
      const { caller, params, body, bytesIn, header } = asked;
      const rows = body.rows?.length ?? 1;
      const work = async () => {
        const predicted = await predictions.predict(caller, params.name, { ...body, bytesIn });
        header(MODEL_HEADER, predicted.answeredBy);
        return predicted;
      };
      return paid(services, asked, { rows, work });
    },
  } satisfies Partial<Handlers>;
}
