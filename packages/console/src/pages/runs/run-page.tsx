// One run: how it goes, how good it is, what its errors look like, and what may be done with its model.

import { Accordion, Button, Code, Group, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Run } from "@massif/api";
import { type Look, lossCurves } from "@massif/charts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { Chart } from "../../parts/chart.tsx";
import { Failure, StoredFailure } from "../../parts/failure.tsx";
import { bytes, duration, figure } from "../../parts/figures.ts";
import { TextLink } from "../../parts/links.tsx";
import { Loaded, Page, Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";
import { MetricTable } from "./metric-table.tsx";
import { RegisterForm } from "./register-form.tsx";
import { RunCharts } from "./run-charts.tsx";
import { isOver } from "./run-status.ts";
import { type LiveProgress, useRun } from "./use-run.ts";

export function RunPage({ id }: { readonly id: string }) {
  const { query, history, progress } = useRun(id);
  const run = query.data;
  return (
    <Page
      title={run?.label ?? "Run"}
      note={run && <About run={run} />}
      actions={run !== undefined && !isOver(run.status) && <CancelButton id={id} />}
    >
      <Loaded query={query}>
        {(found) => (
          <>
            {progress !== undefined && <Standing progress={progress} />}
            {found.error !== null && <StoredFailure {...found.error} />}
            {found.status === "succeeded" && <RegisterForm run={id} suggested={found.dataset} />}
            {history.length > 0 && <LossChart run={found} history={history} />}
            {found.metrics !== null && (
              <Section title="Quality" note={judgedOn(found)}>
                <MetricTable metrics={found.metrics} deviations={found.deviations} />
              </Section>
            )}
            {found.status === "succeeded" && <RunCharts run={found} />}
            <Facts run={found} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

// Internal

function About({ run }: { readonly run: Run }) {
  return (
    <Group gap="xs">
      <Status of={run.status} />
      <span>
        <TextLink to={`/datasets/${run.dataset}`}>{run.dataset}</TextLink> version {run.version}
        {run.target !== null && <>, predicts {run.target}</>} ({run.task})
      </span>
      {run.comparison !== null && <TextLink to={`/comparisons/${run.comparison}`}>its comparison</TextLink>}
    </Group>
  );
}

function CancelButton({ id }: { readonly id: string }) {
  const { client, may } = useSession();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => client.cancelRun({ params: { id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", id] }),
  });
  if (!may("member")) return null;
  return (
    <Stack gap={4}>
      <Button variant="default" color="red" onClick={() => cancel.mutate()} loading={cancel.isPending}>
        Cancel
      </Button>
      {cancel.error !== null && <Failure error={cancel.error} />}
    </Stack>
  );
}

function Standing({ progress: { stage, step, total, unit } }: { readonly progress: LiveProgress }) {
  return (
    <Stack gap={4}>
      <Text size="sm" aria-live="polite">
        {stage}
        {step !== undefined && ` · ${unit ?? "step"} ${step}${total === undefined ? "" : ` of ${total}`}`}
      </Text>
      {step !== undefined && total !== undefined && <Progress value={(100 * step) / total} aria-label="Progress" />}
    </Stack>
  );
}

function LossChart({ run: { label, error }, history }: { readonly run: Run; readonly history: Run["history"] }) {
  const diverged = error?.code === "DIVERGED";
  const draw = useCallback(
    (look: Look) => {
      const validated = history.filter(({ validationLoss }) => validationLoss !== undefined);
      const curves = [{ label: validated.length > 0 ? "training rows" : label, history, diverged }];
      if (validated.length > 0) {
        const held = validated.map(({ step, validationLoss = 0 }) => ({ step, loss: validationLoss }));
        curves.push({ label: "validation rows", history: held, diverged: false });
      }
      return lossCurves({ title: "Loss", unit: "step", curves }, look);
    },
    [history, label, diverged],
  );
  return (
    <Chart
      title="Loss while training"
      how="Lower is better; a curve that flattens has learned what it can, one that climbs steps too far."
      draw={draw}
    />
  );
}

function judgedOn({ split }: Run): string {
  if (split.kind === "none") return "On the training rows themselves: new rows will fare worse.";
  if (split.kind === "folds")
    return `Mean and standard deviation over ${split.folds} folds, each held out once; the model itself is of all rows.`;
  return `On the ${figure(split.testFraction * 100)}% of the rows that training did not see.`;
}

function Facts({ run }: { readonly run: Run }) {
  const facts: readonly (readonly [string, string])[] = [
    ["Fit", duration(run.fitSeconds)],
    ["One prediction", run.predictMicros === null ? "–" : duration(run.predictMicros / 1e6)],
    ["CPU", duration(run.cpuSeconds)],
    ["Peak memory", bytes(run.peakMemoryBytes)],
    ["Model file", bytes(run.modelBytes)],
    ["Seed", String(run.seed)],
  ];
  return (
    <Section title="Facts">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            <Text fw={500}>{value}</Text>
          </div>
        ))}
      </SimpleGrid>
      <Accordion variant="contained">
        <Accordion.Item value="pipeline">
          <Accordion.Control>
            {[...run.pipeline.steps.map(({ type }) => type), run.pipeline.estimator.type].join(" → ")}
          </Accordion.Control>
          <Accordion.Panel>
            <Code block>{JSON.stringify(run.pipeline, null, 2)}</Code>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Section>
  );
}
