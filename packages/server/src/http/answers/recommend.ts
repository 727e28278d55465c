// Recommendations: takes requests apart, calls a service, gives its answer back.
import type { RecommendResponse } from "@massif/api";
import type { Handlers } from "../handlers.ts";
import { MODEL_HEADER } from "./endpoints.ts";
import { type Paid, paid } from "./paid.ts";
import type { Services } from "./services.ts";

/** Handlers of recommendations. */
export function recommendHandlers(services: Services) {
  const { predictions } = services;
  return {
    recommend: (asked) => {
      const { caller, params, body, bytesIn, header } = asked;
      const work = async () => {
        const predicted = await predictions.predict(caller, params.name, { recommend: body, bytesIn });
        header(MODEL_HEADER, predicted.answeredBy);
        return predicted as unknown as Paid<RecommendResponse>;
      };
      return paid(services, asked, { rows: 1, work });
    },
  } satisfies Partial<Handlers>;
}
