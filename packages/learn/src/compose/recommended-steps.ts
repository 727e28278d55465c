// The default feature engineering. Which columns to use at all (`features`) is the caller's choice.
import type { ColumnSchema } from "../base/table.ts";
import { createEstimator } from "../catalogue.ts";
import type { StepSpec } from "./pipeline-spec.ts";

/** Most categories of a column that is one-hot encoded; a wider one is coded by rank. */
const ONE_HOT_LIMIT = 32;

/**
 * Steps that make the columns of `schema` fit for an estimator: dates and texts become numbers for every one; one that
 * needs a matrix gets filling, encoding and scaling too, onto 0 to 1 for one that needs counts. Terms of texts come last:
 * they need no filling, and scaling would make a sparse row dense. Throws ParamError for an unknown estimator.
 */
export function recommendSteps(schema: readonly ColumnSchema[], estimatorType: string): StepSpec[] {
  const { input } = createEstimator(estimatorType).spec;
  const steps: StepSpec[] = [];
  if (schema.some(({ kind }) => kind === "date")) steps.push({ type: "DateParts" });
  const texts: StepSpec[] = schema.some(({ kind }) => kind === "text") ? [{ type: "TfidfVectorizer" }] : [];
  if (input === "table" || schema.every(({ kind }) => kind === "text")) return [...steps, ...texts];
  const wide: string[] = [];
  const narrow: string[] = [];
  for (const column of schema) {
    if (column.kind === "category") (column.categories.length > ONE_HOT_LIMIT ? wide : narrow).push(column.name);
  }
  steps.push({ type: "SimpleImputer" });
  if (narrow.length > 0) steps.push({ type: "OneHotEncoder", columns: narrow });
  if (wide.length > 0) steps.push({ type: "OrdinalEncoder", columns: wide });
  steps.push(input === "counts" ? { type: "MinMaxScaler", params: { clip: true } } : { type: "StandardScaler" });
  return [...steps, ...texts];
}
