// The conformance suite, for the library's own tests and for components from elsewhere.
export type { Check, CheckRuntimes } from "./check.ts";
export { hashState } from "./check.ts";
export { estimatorChecks } from "./estimator-checks.ts";
export { makeSample, type Sample, type SampleOptions } from "./sample.ts";
export { transformerChecks } from "./transformer-checks.ts";
