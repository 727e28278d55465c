// What was used and what it costs: by kind of work, key, endpoint, model or day.

import { Group, Progress, SegmentedControl, Text } from "@mantine/core";
import type { Budget, Usage as UsageReport, UsageRow } from "@massif/api";
import { type Look, timeLines } from "@massif/charts";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Chart } from "../../parts/chart.tsx";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { bytes, duration, figure, moment, money } from "../../parts/figures.ts";
import { TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page, Section } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";

export function Usage() {
  const { client } = useSession();
  const [groupBy, setGroupBy] = useState<Grouping>("kind");
  const query = useQuery({
    queryKey: ["usage", groupBy],
    queryFn: ({ signal }) => client.usage({ query: { groupBy }, signal }),
    placeholderData: (before) => before,
  });
  const budget = useQuery({ queryKey: ["budget"], queryFn: ({ signal }) => client.budget({ signal }) });
  return (
    <Page title="Usage" note={query.data && `${moment(query.data.from)} to ${moment(query.data.to)}`}>
      {budget.data !== undefined && <Spent budget={budget.data} />}
      <Section title="By what">
        <Group>
          <SegmentedControl
            aria-label="Group by"
            size="xs"
            data={GROUPINGS.map((value) => ({ value, label: value }))}
            value={groupBy}
            onChange={(value) => setGroupBy(value as Grouping)}
          />
        </Group>
        <Loaded query={query}>
          {(usage) =>
            usage.rows.length > 0 ? (
              <>
                <DataTable
                  label="Usage"
                  columns={COLUMNS}
                  rows={[...usage.rows, { ...usage.total, group: TOTAL }]}
                  id={({ group }) => group}
                />
                {groupBy === "day" && <ByDay usage={usage} />}
              </>
            ) : (
              <Empty title="Nothing was used yet">
                Imports, trainings and predictions are counted here. Begin with a{" "}
                <TextLink to="/datasets">data set</TextLink>.
              </Empty>
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}

// Internal

const GROUPINGS = ["kind", "day", "endpoint", "model", "key"] as const;
type Grouping = (typeof GROUPINGS)[number];

const TOTAL = "total";

function Spent({ budget: { month, project, resetsAt } }: { readonly budget: Budget }) {
  const { monthly, spent } = project;
  return (
    <Section title={`Spent in ${month}`}>
      <Text fz="xl" fw={600}>
        {money(spent)}
        <Text span c="dimmed" fz="sm" fw={400}>
          {" "}
          {monthly === null
            ? "of no limit; an admin sets one with massif budget set"
            : `of ${money({ amount: monthly, currency: spent.currency })}; begins anew on ${moment(resetsAt)}`}
        </Text>
      </Text>
      {monthly !== null && (
        <Progress
          value={monthly === 0 ? 100 : Math.min(100, (100 * spent.amount) / monthly)}
          color={project.open ? undefined : "red"}
          aria-label="Share of the budget that is spent"
        />
      )}
    </Section>
  );
}

function ByDay({ usage }: { readonly usage: UsageReport }) {
  const draw = useMemo(() => {
    const points = usage.rows.map(({ group, cost }) => [Date.parse(group), cost.amount] as const);
    const y = usage.total.cost.currency;
    return (look: Look) => timeLines({ title: "Cost", y, lines: [{ label: "cost", points }] }, look);
  }, [usage]);
  return <Chart title="Cost by day" how="What was spent on each day (UTC)." draw={draw} height={240} />;
}

const COLUMNS: readonly TableColumn<UsageRow>[] = [
  { head: "Of", cell: ({ group }) => (group === TOTAL ? <b>{group}</b> : group) },
  { head: "Requests", number: true, cell: ({ requests }) => figure(requests) },
  { head: "Errors", number: true, cell: ({ errors }) => figure(errors) },
  { head: "Rows", number: true, cell: ({ rows }) => figure(rows) },
  { head: "CPU", number: true, cell: ({ cpuSeconds }) => duration(cpuSeconds) },
  { head: "Memory", number: true, cell: ({ memoryMbSeconds }) => `${figure(memoryMbSeconds / 1000)} GB·s` },
  { head: "In", number: true, cell: ({ bytesIn }) => bytes(bytesIn) },
  { head: "Out", number: true, cell: ({ bytesOut }) => bytes(bytesOut) },
  { head: "Cost", number: true, cell: ({ cost }) => money(cost) },
];
