// One study: how the best value improves, which parameters go with good values, and every trial.

import { Button, Code, Group, Progress, Stack, Text } from "@mantine/core";
import type { Study, TrialReports } from "@massif/api";
import { type Look, parallelCoordinates, studyHistory } from "@massif/charts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { Chart } from "../../parts/chart.tsx";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { Failure, StoredFailure } from "../../parts/failure.tsx";
import { duration, figure } from "../../parts/figures.ts";
import { TextLink } from "../../parts/links.tsx";
import { Loaded, Page, Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";

export function StudyPage({ name }: { readonly name: string }) {
  const { client } = useSession();
  const study = useQuery({
    queryKey: ["study", name],
    queryFn: ({ signal }) => client.getStudy({ params: { name }, signal }),
    refetchInterval: ({ state }) => (state.data?.status === "running" ? 1000 : false),
  });
  const running = study.data?.status === "running";
  const trials = useQuery({
    // Asked once more when the study ends, for what came last.
    queryKey: ["trials", name, running],
    queryFn: ({ signal }) => client.listTrials({ params: { name }, signal }),
    enabled: study.data !== undefined,
    refetchInterval: running ? 1000 : false,
    placeholderData: (before) => before,
  });
  return (
    <Page
      title={name}
      note={study.data && <About study={study.data} />}
      actions={study.data !== undefined && <Actions study={study.data} />}
    >
      <Loaded query={study}>
        {(found) => (
          <>
            {found.error !== null && <StoredFailure {...found.error} />}
            <Standing study={found} />
            <Loaded query={trials}>{(all) => <Trials study={found} trials={all} />}</Loaded>
          </>
        )}
      </Loaded>
    </Page>
  );
}

// Internal

function About({ study: { status, label, dataset, version, target, run } }: { readonly study: Study }) {
  return (
    <Group gap="xs">
      <Status of={status} />
      <span>
        {label} on <TextLink to={`/datasets/${dataset}`}>{dataset}</TextLink> version {version}, predicts {target}
      </span>
      {run !== null && <TextLink to={`/runs/${run}`}>the best, trained on all its rows</TextLink>}
    </Group>
  );
}

function Actions({ study: { name, status } }: { readonly study: Study }) {
  const { client, may } = useSession();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () =>
      status === "running"
        ? client.stopStudy({ params: { name } })
        : client.resumeStudy({ params: { name }, body: {} }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["study", name] }),
  });
  if (!may("member") || status === "finished") return null;
  return (
    <Stack gap="xs">
      <Button variant="default" loading={change.isPending} onClick={() => change.mutate()}>
        {status === "running" ? "Stop" : "Resume"}
      </Button>
      {change.error !== null && <Failure error={change.error} />}
    </Stack>
  );
}

function Standing({ study: { status, counts, trials, best, metric, better } }: { readonly study: Study }) {
  const done = counts.complete + counts.pruned + counts.failed;
  return (
    <Stack gap={6}>
      <Text size="sm" aria-live="polite">
        {done} of {trials} trials: {counts.complete} complete, {counts.pruned} pruned, {counts.failed} failed
      </Text>
      {status === "running" && <Progress value={(100 * done) / trials} aria-label="Trials done" />}
      {best?.value != null && (
        <Text size="sm">
          Best {metric} ({better} is better): <b>{figure(best.value)}</b> by trial {best.number} with{" "}
          <Code>{paramText(best.params)}</Code>
        </Text>
      )}
    </Stack>
  );
}

function Trials({ study, trials }: { readonly study: Study; readonly trials: readonly TrialReports[] }) {
  const history = useMemo(() => (look: Look) => studyHistory({ study, trials }, look), [study, trials]);
  const parallel = useMemo(() => (look: Look) => parallelCoordinates({ study, trials }, look), [study, trials]);
  if (trials.length === 0) return null;
  return (
    <>
      <Chart
        title="History"
        how="Each point is a trial; the line is the best so far, and a line that stays flat for long says to stop."
        draw={history}
      />
      <Chart
        title="Parameters and outcome"
        how="Each line is a trial across its parameters to its value; where good lines bundle, the parameter matters."
        draw={parallel}
        height={380}
      />
      <Section title="Trials">
        <DataTable
          label="Trials"
          columns={COLUMNS}
          rows={[...trials].sort((a, b) => b.number - a.number)}
          id={({ number }) => String(number)}
        />
      </Section>
    </>
  );
}

const COLUMNS: readonly TableColumn<TrialReports>[] = [
  { head: "Trial", number: true, cell: ({ number }) => number },
  { head: "State", cell: ({ state }) => <Status of={state} /> },
  { head: "Value", number: true, cell: ({ value }) => figure(value) },
  { head: "Parameters", cell: ({ params }) => <Code>{paramText(params)}</Code> },
  { head: "Time", number: true, cell: ({ seconds }) => duration(seconds) },
  {
    head: "Why",
    cell: ({ reason }) => (
      <Text size="xs" c="dimmed" miw={260}>
        {reason}
      </Text>
    ),
  },
];

function paramText(params: TrialReports["params"]): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === "number" ? figure(value) : value}`)
    .join(", ");
}
