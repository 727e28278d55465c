// What this package is to others.
export { SpaceError, StudyError, type StudyErrorCode } from "./errors.ts";
export type { PrunerSpec, SamplerSpec } from "./settings.ts";
export type { StudySnapshot } from "./snapshot.ts";
export { type DeclaredParam, type FromTableOptions, spaceFromTable } from "./space/from-table.ts";
export type {
  CategoricalParameter,
  Choice,
  FloatParameter,
  IntParameter,
  Parameter,
  Params,
  SpaceSpec,
} from "./space/parameter.ts";
export { Space } from "./space/space.ts";
export { type Outcome, Study, type StudySpec } from "./study.ts";
export type { Direction, Report, Trial, TrialState } from "./trial.ts";
