// Starting a study: which data, which estimator, how many trials; the ranges are the estimator's own.
import { Button, Group, NumberInput, Select, SimpleGrid, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Failure } from "../../parts/failure.tsx";
import { Page } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";
import { TrainingInputs, trainingOf, useTraining } from "../runs/training-fields.tsx";

export function StudyForm({ dataset }: { readonly dataset: string | undefined }) {
  const { client } = useSession();
  const [, navigate] = useLocation();
  const training = useTraining(dataset);
  const [estimator, setEstimator] = useState<string | null>(null);
  const [trials, setTrials] = useState(30);
  const { data: catalogue } = useQuery({
    queryKey: ["catalogue"],
    queryFn: ({ signal }) => client.catalogue({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { fields, target } = training;
  const start = useMutation({
    mutationFn: () => {
      const { split, ...rest } = trainingOf(fields);
      const candidate = { estimator: estimator ?? "" };
      // Folds judge the trials; rows for the refitted run are held out beside them.
      const judged = split.kind === "folds" ? { evaluation: split } : { split };
      return client.createStudy({
        body: { ...rest, target: target ?? "", candidate, trials, ...judged },
      });
    },
    onSuccess: ({ name }) => navigate(`/studies/${name}`),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Page title="Tune a pipeline" note="Own ranges, samplers and pruners: massif tune --help, or POST /v1/studies.">
      <form onSubmit={submit}>
        <Stack maw={720}>
          <TrainingInputs {...training} plainFolds />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label="Estimator"
              description="its parameters are searched within their usual ranges"
              data={GROUPS.map(({ task, group }) => ({
                group,
                items: (catalogue ?? []).filter((one) => one.task === task).map(({ name }) => name),
              }))}
              value={estimator}
              onChange={setEstimator}
              searchable
              withAsterisk
            />
            <NumberInput
              label="Trials"
              description="how many settings are tried"
              value={trials}
              min={1}
              max={10_000}
              allowDecimal={false}
              onChange={(value) => setTrials(Number(value))}
            />
          </SimpleGrid>
          {start.error !== null && <Failure error={start.error} />}
          <Group>
            <Button
              type="submit"
              loading={start.isPending}
              disabled={fields.dataset === null || target === null || estimator === null}
            >
              Tune
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
