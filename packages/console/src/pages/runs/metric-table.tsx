// Metrics with what each says.

import { Text } from "@mantine/core";
import type { Metrics } from "@massif/api";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { figure } from "../../parts/figures.ts";
import { metricDoc, metricLabel, orderedMetrics } from "./metric-words.ts";

interface MetricTableProps {
  readonly metrics: Metrics;
  /** Over the folds, when there were folds. */
  readonly deviations: Metrics | null;
}

export function MetricTable({ metrics, deviations }: MetricTableProps) {
  const rows = orderedMetrics(metrics).map(([name, value]) => ({ name, value, deviation: deviations?.[name] }));
  return <DataTable label="Metrics" columns={COLUMNS} rows={rows} id={({ name }) => name} />;
}

// Internal

interface Row {
  readonly name: string;
  readonly value: number;
  readonly deviation: number | undefined;
}

const COLUMNS: readonly TableColumn<Row>[] = [
  { head: "Metric", cell: ({ name }) => metricLabel(name) },
  {
    head: "Value",
    number: true,
    cell: ({ value, deviation }) => (
      <span style={{ whiteSpace: "nowrap" }}>
        {figure(value)}
        {deviation !== undefined && ` ± ${figure(deviation)}`}
      </span>
    ),
  },
  {
    head: "Means",
    cell: ({ name }) => (
      <Text size="xs" c="dimmed">
        {metricDoc(name)}
      </Text>
    ),
  },
];
