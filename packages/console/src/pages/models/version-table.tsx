// Versions of a model, newest first.

import { Badge, Group } from "@mantine/core";
import type { ModelVersion } from "@massif/api";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { bytes, moment } from "../../parts/figures.ts";
import { TextLink } from "../../parts/links.tsx";
import { mainMetrics } from "../runs/metric-words.ts";

export function VersionTable({ versions }: { readonly versions: readonly ModelVersion[] }) {
  const newest = [...versions].sort((a, b) => b.version - a.version);
  return <DataTable label="Versions" columns={COLUMNS} rows={newest} id={({ version }) => String(version)} />;
}

// Internal

const COLUMNS: readonly TableColumn<ModelVersion>[] = [
  { head: "Version", number: true, cell: ({ version }) => version },
  {
    head: "Aliases",
    cell: ({ aliases }) => (
      <Group gap={4}>
        {aliases.map((alias) => (
          <Badge key={alias} variant="light" tt="none">
            {alias}
          </Badge>
        ))}
      </Group>
    ),
  },
  {
    head: "Estimator",
    cell: ({ estimator, run }) => (run === "" ? estimator : <TextLink to={`/runs/${run}`}>{estimator}</TextLink>),
  },
  { head: "Quality", cell: ({ metrics }) => mainMetrics(metrics) },
  { head: "Format", cell: ({ format }) => format },
  { head: "Size", number: true, cell: ({ bytes: size }) => bytes(size) },
  { head: "Registered", cell: ({ createdAt }) => moment(createdAt) },
  {
    head: "",
    cell: ({ model, version }) => <TextLink to={`/endpoints/new/${model}/${version}`}>Deploy</TextLink>,
  },
];
