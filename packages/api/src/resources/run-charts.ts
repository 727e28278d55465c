// What the pictures of a finished run are drawn from: figures of its held-out rows, small enough to send at once.
import { z } from "zod";
import { MetricInterval, Metrics } from "./common.ts";

/** One bin of a histogram; the last one holds its upper edge. */
export const HistogramBin = z.object({ from: z.number(), to: z.number(), count: z.number() });

/** One class against all others. Curves are thinned to what a picture shows, their areas are exact. */
export const ClassFigures = z.object({
  class: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  /** Held-out rows of the class. */
  support: z.number(),
  /** Null where the class has no row, or no counterexample. */
  rocAuc: z.number().nullable(),
  averagePrecision: z.number().nullable(),
  /** From (0, 0) to (1, 1), as [false positive rate, true positive rate]. */
  roc: z.array(z.tuple([z.number(), z.number()])),
  /** By falling threshold, as [recall, precision]. */
  precisionRecall: z.array(z.tuple([z.number(), z.number()])),
  /** Mean predicted probability, observed share and rows of each bin that has any. */
  calibration: z.array(z.object({ predicted: z.number(), observed: z.number(), rows: z.number() })),
});

const Common = z.object({
  /** Held-out rows behind the figures. */
  rows: z.number(),
  /** The figures of each fold, when the run was cross-validated. */
  folds: z.array(Metrics).nullable(),
  /** Of the metric that ranks runs, when rows were held out. */
  interval: MetricInterval.optional(),
});

export const RunChart = z
  .discriminatedUnion("kind", [
    Common.extend({
      kind: z.literal("regression"),
      /** A sample spread over the held-out rows, pair by pair. */
      actual: z.array(z.number()),
      predicted: z.array(z.number()),
      /** Actual minus predicted, of all held-out rows. */
      residuals: z.array(HistogramBin),
    }),
    Common.extend({
      kind: z.literal("classification"),
      classes: z.array(z.string()),
      /** `confusion[actual][predicted]`, in the order of `classes`. */
      confusion: z.array(z.array(z.number())),
      perClass: z.array(ClassFigures),
    }),
    Common.extend({
      kind: z.literal("clustering"),
      /** Held-out rows by cluster. */
      sizes: z.array(z.number()),
    }),
    Common.extend({
      kind: z.literal("outliers"),
      /** Held-out rows whose score is above 0. */
      outliers: z.number(),
      /** Anomaly scores of all held-out rows; the threshold is 0. */
      scores: z.array(HistogramBin),
    }),
  ])
  .meta({ id: "RunChart" });

export type HistogramBin = z.infer<typeof HistogramBin>;
export type ClassFigures = z.infer<typeof ClassFigures>;
export type RunChart = z.infer<typeof RunChart>;
