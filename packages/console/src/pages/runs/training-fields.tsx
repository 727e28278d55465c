// The fields that starting a run and starting a comparison share: data set, target, how to judge, seed.

import { NumberInput, Select, SimpleGrid } from "@mantine/core";
import type { DatasetVersion, Split } from "@massif/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSession } from "../../session/session.tsx";

export interface TrainingFields {
  readonly dataset: string | null;
  readonly target: string | null;
  readonly split: Split;
  readonly seed: number;
}

export interface TrainingState {
  readonly fields: TrainingFields;
  readonly change: (part: Partial<TrainingFields>) => void;
  /** The chosen data set, once known. */
  readonly version: DatasetVersion | undefined;
  /** The target as chosen, else the one the profile suggests. */
  readonly target: string | null;
}

/** State of the fields, beginning with a data set when one is given. */
export function useTraining(dataset: string | undefined): TrainingState {
  const { client } = useSession();
  const [fields, setFields] = useState<TrainingFields>({
    dataset: dataset ?? null,
    target: null,
    split: HOLDOUT,
    seed: 0,
  });
  const { data: version } = useQuery({
    queryKey: ["dataset", fields.dataset],
    queryFn: ({ signal }) => client.getDataset({ params: { name: fields.dataset ?? "" }, signal }),
    enabled: fields.dataset !== null,
  });
  return {
    fields,
    change: (part) => setFields((before) => ({ ...before, ...part })),
    version,
    target: fields.target ?? version?.suggestedTarget ?? null,
  };
}

interface InputsProps extends TrainingState {
  /** False for clustering and outliers, which predict nothing that is known. */
  readonly targeted?: boolean;
}

export function TrainingInputs({ fields, change, version, target, targeted = true }: InputsProps) {
  const { client } = useSession();
  const { data: datasets } = useQuery({
    queryKey: ["datasets"],
    queryFn: ({ signal }) => client.listDatasets({ signal }),
  });
  const ready = datasets?.filter(({ latest }) => latest?.status === "ready").map(({ name }) => name) ?? [];
  const { split, seed, dataset } = fields;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label="Data set"
        description="its newest version"
        data={ready}
        value={dataset}
        onChange={(next) => change({ dataset: next, target: null })}
        nothingFoundMessage="no data set is ready"
        searchable
        withAsterisk
      />
      {targeted && (
        <Select
          label="Target"
          description="the column to predict"
          data={version?.columns?.map(({ name }) => name) ?? []}
          value={target}
          onChange={(next) => change({ target: next })}
          disabled={version === undefined}
          searchable
          withAsterisk
        />
      )}
      <Select
        label="Judged on"
        description="rows the model has not seen say how good it is"
        data={SPLITS}
        value={split.kind}
        onChange={(kind) => change({ split: splitOf(kind) })}
        allowDeselect={false}
      />
      {split.kind === "holdout" && (
        <NumberInput
          label="Held out"
          description="share of the rows, in percent"
          value={split.testFraction * 100}
          min={1}
          max={90}
          suffix="%"
          onChange={(value) => change({ split: { kind: "holdout", testFraction: Number(value) / 100 } })}
        />
      )}
      {split.kind === "folds" && (
        <NumberInput
          label="Folds"
          description="each is held out once"
          value={split.folds}
          min={2}
          max={50}
          onChange={(value) => change({ split: { kind: "folds", folds: Number(value) } })}
        />
      )}
      <NumberInput
        label="Seed"
        description="the same seed gives the same split and model"
        value={seed}
        min={0}
        allowDecimal={false}
        onChange={(value) => change({ seed: Number(value) })}
      />
    </SimpleGrid>
  );
}

// Internal

const HOLDOUT: Split = { kind: "holdout", testFraction: 0.2 };

const SPLITS = [
  { value: "holdout", label: "rows held out" },
  { value: "folds", label: "folds (cross-validation)" },
  { value: "none", label: "the training rows themselves" },
];

function splitOf(kind: string | null): Split {
  if (kind === "folds") return { kind: "folds", folds: 5 };
  return kind === "none" ? { kind: "none" } : HOLDOUT;
}
