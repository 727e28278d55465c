// Starting a comparison: which data, which algorithms; none chosen means one of each that fits.
import { Button, Group, MultiSelect, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Failure } from "../../parts/failure.tsx";
import { Page } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";
import { TrainingInputs, useTraining } from "../runs/training-fields.tsx";

export function ComparisonForm({ dataset }: { readonly dataset: string | undefined }) {
  const { client } = useSession();
  const [, navigate] = useLocation();
  const training = useTraining(dataset);
  const [estimators, setEstimators] = useState<string[]>([]);
  const { data: catalogue } = useQuery({
    queryKey: ["catalogue"],
    queryFn: ({ signal }) => client.catalogue({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { fields, target } = training;
  const start = useMutation({
    mutationFn: () => {
      const { dataset: name, split, seed } = fields;
      const candidates = estimators.length === 0 ? undefined : estimators.map((estimator) => ({ estimator }));
      return client.createComparison({
        body: { dataset: name ?? "", target: target ?? "", split, seed, candidates },
      });
    },
    onSuccess: ({ id }) => navigate(`/comparisons/${id}`),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Page
      title="Compare algorithms"
      note="All are trained and judged on the same rows, so their figures can be compared."
    >
      <form onSubmit={submit}>
        <Stack maw={720}>
          <TrainingInputs {...training} />
          <MultiSelect
            label="Estimators"
            description="none chosen: one of each algorithm that fits the target"
            data={GROUPS.map(({ task, group }) => ({
              group,
              items: (catalogue ?? []).filter((one) => one.task === task).map(({ name }) => name),
            }))}
            value={estimators}
            onChange={setEstimators}
            searchable
            clearable
          />
          {start.error !== null && <Failure error={start.error} />}
          <Group>
            <Button type="submit" loading={start.isPending} disabled={fields.dataset === null || target === null}>
              Compare
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  );
}

// Internal

const GROUPS = [
  { task: "classification", group: "for classes" },
  { task: "regression", group: "for numbers" },
] as const;
