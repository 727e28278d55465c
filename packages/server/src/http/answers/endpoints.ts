// Endpoints and predictions: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of endpoints and predictions. */
export function endpointHandlers({ endpoints }: Services) {
  return {
    deploy: ({ caller, params, body }) => endpoints.deploy(caller, params.name, body),
    listEndpoints: ({ caller }) => endpoints.list(caller),
    getEndpoint: ({ caller, params }) => endpoints.get(caller, params.name),
    getEndpointTypes: ({ caller, params, origin }) => endpoints.types(caller, params.name, origin),
    stopEndpoint: ({ caller, params }) => endpoints.stop(caller, params.name),
    predict: async ({ caller, params, body, bytesIn, sent }) => {
      const { response, settle } = await endpoints.predict(caller, params.name, { ...body, bytesIn });
      sent(settle);
      return response;
    },
  } satisfies Partial<Handlers>;
}
