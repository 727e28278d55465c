// One comparison: the leaderboard as it fills, the fits where they are lines, and a closer look at any of its runs.

import { Group, Progress, Select, Text } from "@mantine/core";
import type { Comparison } from "@massif/api";
import { type Look, leaderboardBars } from "@massif/charts";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { Chart } from "../../parts/chart.tsx";
import { TextLink } from "../../parts/links.tsx";
import { Loaded, Page, Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";
import { metricLabel } from "../runs/metric-words.ts";
import { RegisterForm } from "../runs/register-form.tsx";
import { RunCharts } from "../runs/run-charts.tsx";
import { isOver } from "../runs/run-status.ts";
import { Leaderboard } from "./leaderboard.tsx";
import { LineFits } from "./line-fits.tsx";

export function ComparisonPage({ id }: { readonly id: string }) {
  const { client } = useSession();
  const query = useQuery({
    queryKey: ["comparison", id],
    queryFn: ({ signal }) => client.getComparison({ params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data?.status === "finished" ? false : 700),
  });
  const found = query.data;
  return (
    <Page
      title={
        found
          ? `${found.dataset} → ${found.target ?? (found.task === "outliers" ? "outliers" : "clusters")}`
          : "Comparison"
      }
      note={found && <About comparison={found} />}
    >
      <Loaded query={query}>
        {(comparison) => (
          <>
            {comparison.status === "running" && <Standing comparison={comparison} />}
            <Section
              title="Leaderboard"
              note={`Sorted by ${metricLabel(comparison.sortedBy.metric)}: ${comparison.sortedBy.better} is better.`}
            >
              <Leaderboard comparison={comparison} />
            </Section>
            {comparison.status === "finished" && <Finished comparison={comparison} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

// Internal

function About({ comparison: { status, dataset, version, task } }: { readonly comparison: Comparison }) {
  return (
    <Group gap="xs">
      <Status of={status} />
      <span>
        <TextLink to={`/datasets/${dataset}`}>{dataset}</TextLink> version {version}, {task}
      </span>
    </Group>
  );
}

function Standing({ comparison: { leaderboard } }: { readonly comparison: Comparison }) {
  const done = leaderboard.filter(({ status }) => isOver(status)).length;
  return (
    <div>
      <Text size="sm" aria-live="polite">
        {done} of {leaderboard.length} pipelines are done
      </Text>
      <Progress value={(100 * done) / leaderboard.length} aria-label="Pipelines done" />
    </div>
  );
}

function Finished({ comparison }: { readonly comparison: Comparison }) {
  const { leaderboard, sortedBy, target } = comparison;
  const draw = useCallback((look: Look) => leaderboardBars({ leaderboard, sortedBy }, look), [leaderboard, sortedBy]);
  const good = leaderboard.filter(({ status }) => status === "succeeded");
  const [chosen, choose] = useState(good[0]?.run);
  if (good.length === 0) return null;
  return (
    <>
      <Chart
        title={`${metricLabel(sortedBy.metric)} of every pipeline`}
        how={`${sortedBy.better === "lower" ? "Shorter" : "Longer"} bars are better; the best is on top.`}
        draw={draw}
        height={Math.max(160, 70 + 34 * good.length)}
      />
      <LineFits comparison={comparison} />
      <Section title="A closer look" note="The held-out rows of one pipeline; the best to begin with.">
        <Group align="flex-end">
          <Select
            label="Pipeline"
            w={280}
            data={good.map(({ run, estimator }) => ({ value: run, label: estimator }))}
            value={chosen ?? null}
            onChange={(next) => choose(next ?? good[0].run)}
            allowDeselect={false}
          />
          {chosen !== undefined && <RegisterForm key={chosen} run={chosen} suggested={comparison.dataset} />}
        </Group>
        {chosen !== undefined && <RunCharts run={{ id: chosen, target }} />}
      </Section>
    </>
  );
}
