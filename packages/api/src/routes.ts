// The one table of routes. The server registers its handlers from it, OpenAPI and the reference are generated from it,
// and the typed client reads its types.
import type { ErrorCode } from "./errors.ts";
import { accessRoutes } from "./routes/access.ts";
import { backupRoutes } from "./routes/backup.ts";
import { curvesRoutes } from "./routes/curves.ts";
import { datasetsRoutes } from "./routes/datasets.ts";
import { endpointsRoutes } from "./routes/endpoints.ts";
import { healthRoutes } from "./routes/health.ts";
import { modelsRoutes } from "./routes/models.ts";
import { moneyRoutes } from "./routes/money.ts";
import { openInferenceRoutes } from "./routes/open-inference.ts";
import { plansRoutes } from "./routes/plans.ts";
import { policiesRoutes } from "./routes/policies.ts";
import { recommendRoutes } from "./routes/recommend.ts";
import type { Route } from "./routes/route.ts";
import { runsRoutes } from "./routes/runs.ts";
import { studiesRoutes } from "./routes/studies.ts";
import { systemRoutes } from "./routes/system.ts";

export type { Route } from "./routes/route.ts";

export const ROUTES = {
  ...healthRoutes,
  ...systemRoutes,
  ...datasetsRoutes,
  ...runsRoutes,
  ...studiesRoutes,
  ...modelsRoutes,
  ...curvesRoutes,
  ...plansRoutes,
  ...policiesRoutes,
  ...endpointsRoutes,
  ...recommendRoutes,
  ...openInferenceRoutes,
  ...accessRoutes,
  ...backupRoutes,
  ...moneyRoutes,
} as const satisfies Record<string, Route>;

export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;

/** Errors every route with a key can give. */
export const COMMON_ERRORS: readonly ErrorCode[] = ["INVALID_REQUEST", "UNAUTHENTICATED", "FORBIDDEN", "INTERNAL"];
