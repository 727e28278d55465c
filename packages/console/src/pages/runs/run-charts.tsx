// Pictures of a run's held-out rows: predicted against actual and residuals of numbers; confusion and curves of classes.

import { SimpleGrid, Stack } from "@mantine/core";
import type { Run, RunChart } from "@massif/api";
import {
  calibrationCurves,
  confusionMatrix,
  type Look,
  precisionRecallCurves,
  predictedActual,
  residualHistogram,
  rocCurves,
  scoreHistogram,
} from "@massif/charts";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { Chart } from "../../parts/chart.tsx";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { figure } from "../../parts/figures.ts";
import { Loaded, Section } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";

/** Charts of a run that succeeded. */
export function RunCharts({ run: { id, target } }: { readonly run: Pick<Run, "id" | "target"> }) {
  const { client } = useSession();
  const query = useQuery({
    queryKey: ["run-chart", id],
    queryFn: ({ signal }) => client.getRunChart({ params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded query={query}>
      {(chart) => {
        if (chart.kind === "regression") return <NumberCharts chart={chart} target={target ?? ""} />;
        if (chart.kind === "classification") return <ClassCharts chart={chart} target={target ?? ""} />;
        if (chart.kind === "outliers") return <Scores chart={chart} />;
        return <Clusters chart={chart} />;
      }}
    </Loaded>
  );
}

// Internal

type ChartOf<K extends RunChart["kind"]> = Extract<RunChart, { kind: K }>;

function NumberCharts({ chart, target }: { readonly chart: ChartOf<"regression">; readonly target: string }) {
  const against = useCallback(
    (look: Look) => {
      const pairs = chart.actual.map((actual, i) => ({ actual, predicted: chart.predicted[i] }));
      return predictedActual({ target, pairs }, look);
    },
    [chart, target],
  );
  const residuals = useCallback(
    (look: Look) => residualHistogram({ target, residuals: chart.residuals }, look),
    [chart, target],
  );
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <Chart
        title="Predicted against actual"
        how="Each point is a held-out row; the closer to the dashed diagonal, the better its prediction."
        draw={against}
        height={380}
      />
      <Chart
        title="Residuals"
        how="How far off predictions are: narrow and centred on 0 is good, a lean to one side is a bias."
        draw={residuals}
        height={380}
      />
    </SimpleGrid>
  );
}

function ClassCharts({ chart, target }: { readonly chart: ChartOf<"classification">; readonly target: string }) {
  const { classes, confusion, perClass } = chart;
  const matrix = useCallback(
    (look: Look) => confusionMatrix({ target, classes, counts: confusion }, look),
    [target, classes, confusion],
  );
  const roc = useCallback((look: Look) => rocCurves({ target, perClass }, look), [target, perClass]);
  const precision = useCallback((look: Look) => precisionRecallCurves({ target, perClass }, look), [target, perClass]);
  const calibration = useCallback((look: Look) => calibrationCurves({ target, perClass }, look), [target, perClass]);
  return (
    <Stack gap="lg" mt="sm">
      <Section title="By class">
        <DataTable label="Figures by class" columns={CLASS_COLUMNS} rows={perClass} id={({ class: name }) => name} />
      </Section>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Chart
          title="Confusion"
          how="Rows are the true classes, columns the predicted ones: what is off the diagonal was mistaken."
          draw={matrix}
          height={380}
        />
        <Chart
          title="ROC"
          how="The more a curve bends to the top left, the better the class is told apart; the diagonal is guessing."
          draw={roc}
          height={380}
        />
        <Chart
          title="Precision and recall"
          how="To the right more of the class is found; the higher the curve stays, the fewer false alarms that costs."
          draw={precision}
          height={380}
        />
        <Chart
          title="Calibration"
          how="On the diagonal, a predicted 80% comes true in 80% of the rows; below it the model is too sure."
          draw={calibration}
          height={380}
        />
      </SimpleGrid>
    </Stack>
  );
}

const CLASS_COLUMNS: readonly TableColumn<ChartOf<"classification">["perClass"][number]>[] = [
  { head: "Class", cell: ({ class: name }) => name },
  { head: "Precision", number: true, cell: ({ precision }) => figure(precision) },
  { head: "Recall", number: true, cell: ({ recall }) => figure(recall) },
  { head: "F1", number: true, cell: ({ f1 }) => figure(f1) },
  { head: "ROC AUC", number: true, cell: ({ rocAuc }) => figure(rocAuc) },
  { head: "Rows", number: true, cell: ({ support }) => figure(support) },
];

function Scores({ chart }: { readonly chart: ChartOf<"outliers"> }) {
  const draw = useCallback((look: Look) => scoreHistogram({ scores: chart.scores }, look), [chart]);
  return (
    <Chart
      title="Anomaly scores"
      how={`${figure(chart.outliers)} of ${figure(chart.rows)} held-out rows are outliers: right of the line at 0.`}
      draw={draw}
      height={380}
    />
  );
}

function Clusters({ chart: { sizes, rows } }: { readonly chart: ChartOf<"clustering"> }) {
  const found = sizes.map((size, cluster) => ({ cluster, size }));
  return (
    <Section title="Clusters" note={`${figure(rows)} held-out rows by the cluster they fall into.`}>
      <DataTable label="Clusters" columns={CLUSTER_COLUMNS} rows={found} id={({ cluster }) => String(cluster)} />
    </Section>
  );
}

const CLUSTER_COLUMNS: readonly TableColumn<{ readonly cluster: number; readonly size: number }>[] = [
  { head: "Cluster", cell: ({ cluster }) => cluster },
  { head: "Rows", number: true, cell: ({ size }) => figure(size) },
];
