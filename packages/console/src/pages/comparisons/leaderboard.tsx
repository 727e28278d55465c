// The runs of a comparison from best to worst.

import { Text, Tooltip } from "@mantine/core";
import type { Comparison, LeaderboardEntry } from "@massif/api";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { duration, figure } from "../../parts/figures.ts";
import { TextLink } from "../../parts/links.tsx";
import { Status } from "../../parts/status.tsx";
import { metricLabel, orderedMetrics } from "../runs/metric-words.ts";

const MOST_METRICS = 4;

export function Leaderboard({ comparison: { leaderboard, sortedBy } }: { readonly comparison: Comparison }) {
  const known = leaderboard.find(({ metrics }) => metrics !== null)?.metrics ?? {};
  const others = orderedMetrics(known)
    .map(([name]) => name)
    .filter((name) => name !== sortedBy.metric);
  const shown = [sortedBy.metric, ...others].slice(0, MOST_METRICS);
  const isTested = leaderboard.some(({ difference }) => difference !== undefined);
  const hasIntervals = leaderboard.some(({ interval }) => interval?.metric === sortedBy.metric);
  const [ranking, ...rest] = shown.map(metricColumn);
  const certainty = [...(hasIntervals ? [intervalColumn(sortedBy.metric)] : []), ...(isTested ? [CHANCE] : [])];
  return (
    <DataTable
      label="Leaderboard"
      columns={[...FIRST, ranking, ...certainty, ...rest, ...LAST]}
      rows={leaderboard}
      id={({ run }) => run}
    />
  );
}

// Internal

function metricColumn(metric: string): TableColumn<LeaderboardEntry> {
  return { head: metricLabel(metric), number: true, cell: ({ metrics }) => figure(metrics?.[metric]) };
}

function intervalColumn(metric: string): TableColumn<LeaderboardEntry> {
  return {
    head: "95% interval",
    number: true,
    cell: ({ interval }) =>
      interval?.metric === metric ? (
        <span style={{ whiteSpace: "nowrap" }}>
          {figure(interval.low)} to {figure(interval.high)}
        </span>
      ) : (
        "–"
      ),
  };
}

/** Whether the difference to the first is more than chance. */
const CHANCE: TableColumn<LeaderboardEntry> = {
  head: "p",
  number: true,
  cell: ({ difference }) =>
    difference === undefined ? (
      "–"
    ) : (
      <Tooltip label="how likely a model as good as the first differs as much from it over the folds">
        <span>{difference.p < 0.001 ? "< 0.001" : difference.p.toFixed(3)}</span>
      </Tooltip>
    ),
};

const FIRST: readonly TableColumn<LeaderboardEntry>[] = [
  { head: "Pipeline", cell: ({ run, estimator }) => <TextLink to={`/runs/${run}`}>{estimator}</TextLink> },
  {
    head: "Status",
    cell: ({ status, error }) => (
      <>
        <Status of={status} />
        {error !== null && (
          <Text size="xs" c="red">
            {error.code}: {error.message}
          </Text>
        )}
      </>
    ),
  },
];

const LAST: readonly TableColumn<LeaderboardEntry>[] = [
  { head: "Fit", number: true, cell: ({ fitSeconds }) => duration(fitSeconds) },
  {
    head: "One row",
    number: true,
    cell: ({ predictMicros }) => (predictMicros === null ? "–" : duration(predictMicros / 1e6)),
  },
];
