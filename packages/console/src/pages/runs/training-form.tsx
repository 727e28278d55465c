// Starting one run: which data, which estimator, with which parameters.

import { Accordion, Button, Group, Select, Stack, Text } from "@mantine/core";
import { hasTarget, type Task } from "@massif/api";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Failure } from "../../parts/failure.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";
import { ParamInputs, type ParamValues } from "./param-inputs.tsx";
import { TrainingInputs, trainingOf, useTraining } from "./training-fields.tsx";

export function TrainingForm({ dataset }: { readonly dataset: string | undefined }) {
  const { client } = useSession();
  const [, navigate] = useLocation();
  const training = useTraining(dataset);
  const [estimator, setEstimator] = useState<string | null>(null);
  const [params, setParams] = useState<ParamValues>({});
  const catalogue = useQuery({
    queryKey: ["catalogue"],
    queryFn: ({ signal }) => client.catalogue({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const chosen = catalogue.data?.find(({ name }) => name === estimator);
  const targeted = chosen?.task == null || hasTarget(chosen.task);
  const { fields, target } = training;
  const start = useMutation({
    mutationFn: () => {
      const candidate = { estimator: estimator ?? "", params: { ...params } as Record<string, number> };
      return client.createRun({
        body: { ...trainingOf(fields), ...(targeted && target !== null ? { target } : {}), candidate },
      });
    },
    onSuccess: ({ id }) => navigate(`/runs/${id}`),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Page title="Train one pipeline" note="Feature engineering is added as the estimator needs it.">
      <Loaded query={catalogue}>
        {(entries) => (
          <form onSubmit={submit}>
            <Stack maw={720}>
              <TrainingInputs {...training} targeted={targeted} />
              <Select
                label="Estimator"
                data={GROUPS.map(({ task, group }) => ({
                  group,
                  items: entries.filter((one) => one.kind === "estimator" && one.task === task).map(({ name }) => name),
                }))}
                value={estimator}
                onChange={(next) => {
                  setEstimator(next);
                  setParams({});
                }}
                searchable
                withAsterisk
              />
              {chosen !== undefined && (
                <>
                  <Text size="sm" c="dimmed">
                    {chosen.doc}
                  </Text>
                  <Accordion variant="contained">
                    <Accordion.Item value="params">
                      <Accordion.Control>Parameters ({Object.keys(params).length || "none"} changed)</Accordion.Control>
                      <Accordion.Panel>
                        <ParamInputs params={chosen.params} values={params} onChange={setParams} />
                      </Accordion.Panel>
                    </Accordion.Item>
                  </Accordion>
                </>
              )}
              {start.error !== null && <Failure error={start.error} />}
              <Group>
                <Button
                  type="submit"
                  loading={start.isPending}
                  disabled={fields.dataset === null || estimator === null || (targeted && target === null)}
                >
                  Train
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Loaded>
    </Page>
  );
}

// Internal

const GROUPS: readonly { readonly task: Task; readonly group: string }[] = [
  { task: "classification", group: "for classes" },
  { task: "regression", group: "for numbers" },
  { task: "clustering", group: "for groups nobody named" },
  { task: "outliers", group: "for unusual rows" },
];
