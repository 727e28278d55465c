// What an endpoint has to do: requests, waiting time, replicas.

import { Group, SimpleGrid, Text } from "@mantine/core";
import type { EndpointTraffic, TrafficPoint } from "@massif/api";
import { type Look, type TimeLinesData, timeLines } from "@massif/charts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Chart } from "../../parts/chart.tsx";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { duration } from "../../parts/figures.ts";
import { Loaded } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";

export function Traffic({ endpoint }: { readonly endpoint: string }) {
  const { client } = useSession();
  const query = useQuery({
    queryKey: ["traffic", endpoint],
    queryFn: ({ signal }) => client.getEndpointTraffic({ params: { name: endpoint }, signal }),
    refetchInterval: 5000,
  });
  return <Loaded query={query}>{(traffic) => <Shown traffic={traffic} />}</Loaded>;
}

// Internal

function Shown({ traffic: { points, now, bucketSeconds } }: { readonly traffic: EndpointTraffic }) {
  return (
    <>
      <DataTable
        label="Variants"
        columns={VARIANT_COLUMNS}
        rows={now.variants}
        id={({ model, version }) => `${model}@${version}`}
      />
      {now.coldStarts > 0 && (
        <Group>
          <Text size="sm" c="dimmed">
            {now.coldStarts} cold starts, the last took {duration(now.lastColdStartSeconds)}
          </Text>
        </Group>
      )}
      {points.length > 0 && (
        <SimpleGrid cols={{ base: 1, lg: 2, xl: 3 }} spacing="lg">
          <Lines
            title="Requests"
            how="Requests in each second; red ones were refused or failed."
            y="per second"
            lines={[
              ["answered", (point) => (point.requests - point.errors) / bucketSeconds],
              ["failed", (point) => point.errors / bucketSeconds],
            ]}
            points={points}
          />
          <Lines
            title="Latency"
            how="Half of the requests are faster than the first line, 99 of 100 than the last."
            y="milliseconds"
            lines={[
              ["median", ({ p50 }) => p50],
              ["95%", ({ p95 }) => p95],
              ["99%", ({ p99 }) => p99],
            ]}
            points={points}
          />
          <Lines
            title="Replicas"
            how="How many replicas were at work, and how many requests waited for one."
            y="count"
            steps
            lines={[
              ["replicas", ({ replicas }) => replicas],
              ["waiting", ({ queued }) => queued],
            ]}
            points={points}
          />
        </SimpleGrid>
      )}
    </>
  );
}

/** A minute of traffic alone would look like a day of it. */
const LEAST_SPAN_MS = 5 * 60_000;

interface LinesProps extends Pick<TimeLinesData, "title" | "y" | "steps"> {
  readonly how: string;
  readonly points: readonly TrafficPoint[];
  readonly lines: readonly (readonly [label: string, value: (point: TrafficPoint) => number | null])[];
}

function Lines({ title, how, y, steps, points, lines }: LinesProps) {
  // The lines' functions are constant for a title; only the points change.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const draw = useMemo(() => {
    const drawn = lines.map(([label, value]) => ({
      label,
      points: points.map((point) => [Date.parse(point.at), value(point)] as const),
    }));
    return (look: Look) => timeLines({ title, y, steps, lines: drawn, span: LEAST_SPAN_MS }, look);
  }, [points]);
  return <Chart title={title} how={how} draw={draw} height={260} />;
}

const VARIANT_COLUMNS: readonly TableColumn<EndpointTraffic["now"]["variants"][number]>[] = [
  { head: "Variant", cell: ({ model, version }) => `${model} v${version}` },
  { head: "Share", number: true, cell: ({ weight }) => `${weight}%` },
  { head: "Ready", number: true, cell: ({ ready }) => ready },
  { head: "Wanted", number: true, cell: ({ desired }) => desired },
  { head: "In flight", number: true, cell: ({ inFlight }) => inFlight },
  { head: "Waiting", number: true, cell: ({ queued }) => queued },
  {
    head: "Why",
    cell: ({ reason }) => (
      <Text size="xs" c="dimmed" miw={180}>
        {reason}
      </Text>
    ),
  },
];
