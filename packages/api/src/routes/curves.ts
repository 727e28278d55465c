// Learning and validation curves.
import { Curve, CurveRequest } from "../resources/curves.ts";
import { define } from "./route.ts";

export const curvesRoutes = {
  createCurve: define({
    method: "POST",
    path: "/v1/curves",
    tag: "curves",
    summary: "A learning or a validation curve over folds; nothing is kept. For long ones, ask place by place",
    role: "member",
    spends: true,
    body: CurveRequest,
    response: Curve,
    errors: [
      "NOT_FOUND",
      "CONFLICT",
      "INVALID_TARGET",
      "INVALID_WEIGHTS",
      "INVALID_PIPELINE",
      "TRAINING_FAILED",
      "DIVERGED",
      "TIMEOUT",
      "OVERLOADED",
    ],
  }),
};
