// Columns of a data set version with their kinds and summaries.

import { Badge, Group, Text } from "@mantine/core";
import type { ColumnInfo, ColumnProfile } from "@massif/api";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { figure } from "../../parts/figures.ts";

interface ColumnTableProps {
  readonly columns: readonly ColumnInfo[];
  readonly profile: readonly ColumnProfile[];
  /** The column most likely to be predicted. */
  readonly target: string | null;
}

export function ColumnTable({ columns, profile, target }: ColumnTableProps) {
  const profiles = new Map(profile.map((one) => [one.name, one]));
  const rows = columns.map((info) => ({ info, values: profiles.get(info.name), likely: info.name === target }));
  const explained = columns.some(({ notes }) => notes.length > 0);
  return (
    <DataTable
      label="Columns"
      columns={explained ? [...COLUMNS, WHY] : COLUMNS}
      rows={rows}
      id={({ info }) => info.name}
    />
  );
}

// Internal

interface Row {
  readonly info: ColumnInfo;
  readonly values: ColumnProfile | undefined;
  readonly likely: boolean;
}

const COLUMNS: readonly TableColumn<Row>[] = [
  {
    head: "Column",
    cell: ({ info, likely }) => (
      <Group gap={6} wrap="nowrap">
        <Text size="sm" fw={500}>
          {info.name}
        </Text>
        {likely && (
          <Badge size="xs" variant="light">
            likely target
          </Badge>
        )}
      </Group>
    ),
  },
  { head: "Kind", cell: ({ info }) => (info.role === "feature" ? info.kind : `${info.kind}, ${info.role}`) },
  { head: "Missing", number: true, cell: ({ values }) => missing(values) },
  { head: "Distinct", number: true, cell: ({ values }) => figure(values?.distinct) },
  { head: "Least", number: true, cell: ({ values }) => bound(values?.min) },
  { head: "Mean", number: true, cell: ({ values }) => figure(values?.mean) },
  { head: "Greatest", number: true, cell: ({ values }) => bound(values?.max) },
];

/** Only where there is something to say. */
const WHY: TableColumn<Row> = {
  head: "Why",
  cell: ({ info }) => (
    <Text size="xs" c="dimmed" maw={360} miw={160}>
      {info.notes.join("; ")}
    </Text>
  ),
};

function missing(values: ColumnProfile | undefined): string {
  if (values === undefined) return "–";
  return values.missing === 0
    ? "0"
    : `${figure(values.missing)} (${((100 * values.missing) / values.count).toFixed(1)}%)`;
}

function bound(value: number | string | null | undefined): string {
  return typeof value === "string" ? value.slice(0, 24) : figure(value);
}
