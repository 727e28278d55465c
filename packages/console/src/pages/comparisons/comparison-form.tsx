// Starting a comparison: which data, which algorithms; none chosen means one of each that fits.
import { Button, Group, MultiSelect, Select, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Failure } from "../../parts/failure.tsx";
import { Page } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";
import { TrainingInputs, trainingOf, useTraining } from "../runs/training-fields.tsx";

export function ComparisonForm({ dataset }: { readonly dataset: string | undefined }) {
  const { client } = useSession();
  const [, navigate] = useLocation();
  const training = useTraining(dataset);
  const [estimators, setEstimators] = useState<string[]>([]);
  const [goal, setGoal] = useState<Goal>("predict");
  const targeted = goal === "predict";
  const { data: catalogue } = useQuery({
    queryKey: ["catalogue"],
    queryFn: ({ signal }) => client.catalogue({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { fields, target } = training;
  const start = useMutation({
    mutationFn: () => {
      const candidates = estimators.length === 0 ? undefined : estimators.map((estimator) => ({ estimator }));
      return client.createComparison({
        body: { ...trainingOf(fields), ...(targeted ? { target: target ?? "" } : { task: goal }), candidates },
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
          <Select
            label="Looking for"
            data={GOALS}
            value={goal}
            onChange={(next) => {
              setGoal((next ?? "predict") as Goal);
              setEstimators([]);
            }}
            allowDeselect={false}
          />
          <TrainingInputs {...training} targeted={targeted} />
          <MultiSelect
            label="Estimators"
            description={`none chosen: one of each algorithm that fits${targeted ? " the target" : ""}`}
            data={GROUPS.filter((one) => one.goal === goal).map(({ task, group }) => ({
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
            <Button
              type="submit"
              loading={start.isPending}
              disabled={fields.dataset === null || (targeted && target === null)}
            >
              Compare
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  );
}

// Internal

type Goal = "predict" | "clustering" | "outliers";

const GOALS: { value: Goal; label: string }[] = [
  { value: "predict", label: "a column to predict" },
  { value: "clustering", label: "groups nobody named (clustering)" },
  { value: "outliers", label: "unusual rows (outliers)" },
];

const GROUPS = [
  { goal: "predict", task: "classification", group: "for classes" },
  { goal: "predict", task: "regression", group: "for numbers" },
  { goal: "clustering", task: "clustering", group: "for groups nobody named" },
  { goal: "outliers", task: "outliers", group: "for unusual rows" },
] as const;
