// The contract between server, command line and console.

export { type Client, type ClientOptions, createClient, type Download } from "./client.ts";
export {
  ApiError,
  type ApiErrorOptions,
  ERRORS,
  type ErrorCode,
  type ErrorDetail,
  type ErrorEntry,
  isErrorCode,
} from "./errors.ts";
export { parseHostFile } from "./host-file.ts";
export { hasTarget, predictionsOf, rowSignatureOf } from "./model-kinds.ts";
export {
  AuditEntry,
  CatalogueEntry,
  Health,
  Key,
  KeyRequest,
  NewKey,
  ROLES,
  Role,
  SystemInfo,
  Usage,
  UsageQuery,
  UsageRow,
} from "./resources/access.ts";
export { Cost, ErrorBody, Metrics, Name, Task } from "./resources/common.ts";
export { Curve, CurveRequest } from "./resources/curves.ts";
export {
  AppendQuery,
  ColumnInfo,
  ColumnProfile,
  Dataset,
  DatasetVersion,
  SqlRequest,
  SqlResult,
  UploadQuery,
} from "./resources/datasets.ts";
export {
  DeployRequest,
  Endpoint,
  PredictionValue,
  PredictRequest,
  PredictResponse,
  Row,
  RowsAnswer,
  TensorsAnswer,
} from "./resources/endpoints.ts";
export { ExplainRequest, ExplainResponse, Explanation } from "./resources/explanations.ts";
export {
  AliasRequest,
  DATATYPES,
  ExportQuery,
  ImportModelQuery,
  InputColumn,
  Model,
  ModelFormat,
  ModelVersion,
  RegisterRequest,
  RowSignature,
  Signature,
  TensorInfo,
  TensorSignature,
} from "./resources/models.ts";
export { Budget, BudgetRequest, Invoice, InvoiceLine, KeyLimitsRequest, Prices } from "./resources/money.ts";
export {
  InferenceModel,
  InferenceRequest,
  InferenceResponse,
  InferenceTensor,
} from "./resources/open-inference.ts";
export { Estimate, Plan, PlanBasis, PlanMode, PlanOption, RunPlan } from "./resources/plans.ts";
export { Policy, PolicyRequest, Retraining, RetrainingDecision } from "./resources/policies.ts";
export { RankHost, RunRanks } from "./resources/ranks.ts";
export { RecommendRequest, RecommendResponse } from "./resources/recommend.ts";
export { ClassFigures, HistogramBin, RunChart } from "./resources/run-charts.ts";
export {
  Candidate,
  Comparison,
  ComparisonRequest,
  ComparisonSummary,
  LeaderboardEntry,
  LinearWeights,
  PipelineSpec,
  Reproduction,
  Run,
  RunEvent,
  RunRequest,
  Split,
} from "./resources/runs.ts";
export {
  EndpointTraffic,
  Placement,
  PromoteRequest,
  ServingPolicy,
  ServingPolicyRequest,
  TrafficPoint,
  TrafficQuery,
  Variant,
  VariantState,
  WeightsRequest,
} from "./resources/serving.ts";
export {
  Evaluation,
  ResumeRequest,
  SearchSpace,
  Study,
  StudyEvent,
  StudyRequest,
  StudySplit,
  Trial,
  TrialReports,
} from "./resources/studies.ts";
export { COMMON_ERRORS, ROUTES, type Route, type RouteName, type Routes } from "./routes.ts";
