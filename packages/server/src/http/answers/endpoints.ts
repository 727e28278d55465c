// Endpoints and predictions: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import { paid } from "./paid.ts";
import type { Services } from "./services.ts";

/** Handlers of endpoints and predictions. */
export function endpointHandlers(services: Services) {
  const { endpoints } = services;
  return {
    deploy: ({ caller, params, body }) => endpoints.deploy(caller, params.name, body),
    listEndpoints: ({ caller }) => endpoints.list(caller),
    getEndpoint: ({ caller, params }) => endpoints.get(caller, params.name),
    getEndpointTypes: ({ caller, params, origin }) => endpoints.types(caller, params.name, origin),
    stopEndpoint: ({ caller, params }) => endpoints.stop(caller, params.name),
    predict: (asked) => {
      const { caller, params, body, bytesIn } = asked;
      const rows = body.rows?.length ?? 1;
      const work = () => endpoints.predict(caller, params.name, { ...body, bytesIn });
      return paid(services, asked, { rows, work });
    },
  } satisfies Partial<Handlers>;
}
