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
  /** The column that says how much each row counts. */
  readonly weights: string | null;
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
    weights: null,
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
  /** True for studies, whose folds are shuffled once. */
  readonly plainFolds?: boolean;
}

export function TrainingInputs({ fields, change, version, target, targeted = true, plainFolds = false }: InputsProps) {
  const { client } = useSession();
  const { data: datasets } = useQuery({
    queryKey: ["datasets"],
    queryFn: ({ signal }) => client.listDatasets({ signal }),
  });
  const ready = datasets?.filter(({ latest }) => latest?.status === "ready").map(({ name }) => name) ?? [];
  const { split, seed, dataset, weights } = fields;
  const columns = version?.columns?.map(({ name }) => name) ?? [];
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label="Data set"
        description="its newest version"
        data={ready}
        value={dataset}
        onChange={(next) => change({ dataset: next, target: null, weights: null, split: withoutColumns(split) })}
        nothingFoundMessage="no data set is ready"
        searchable
        withAsterisk
      />
      {targeted && (
        <Select
          label="Target"
          description="the column to predict"
          data={columns}
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
        <FoldInputs
          split={split}
          columns={columns.filter((name) => name !== target)}
          change={change}
          plain={plainFolds}
        />
      )}
      <Select
        label="Weights"
        description="numbers: how much each row counts in the fit"
        placeholder="all rows count alike"
        data={columns.filter((name) => name !== target)}
        value={weights}
        onChange={(next) => change({ weights: next })}
        disabled={version === undefined}
        searchable
        clearable
      />
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

/** The part of a request that these fields stand for, the target apart. */
export function trainingOf({ dataset, split, weights, seed }: TrainingFields) {
  return { dataset: dataset ?? "", split, seed, ...(weights === null ? {} : { weights }) };
}

// Internal

type FoldSplit = Extract<Split, { kind: "folds" }>;

interface FoldInputsProps {
  readonly split: FoldSplit;
  readonly columns: readonly string[];
  readonly change: TrainingState["change"];
  readonly plain: boolean;
}

function FoldInputs({ split, columns, change, plain }: FoldInputsProps) {
  return (
    <>
      <NumberInput
        label="Folds"
        description="each is held out once"
        value={split.folds}
        min={2}
        max={50}
        allowDecimal={false}
        onChange={(value) => change({ split: { ...split, folds: Math.max(2, Number(value)) } })}
      />
      {!plain && <WayInputs split={split} columns={columns} change={change} />}
    </>
  );
}

/** By what the rows go into folds. */
function WayInputs({ split, columns, change }: Omit<FoldInputsProps, "plain">) {
  const { folds, groups, time, repeats = 1 } = split;
  const by = groups !== undefined ? "groups" : time !== undefined ? "time" : "chance";
  const column = groups ?? time ?? null;
  return (
    <>
      <Select
        label="Rows go into folds by"
        description={FOLDED_BY[by]}
        data={WAYS}
        value={by}
        onChange={(way) =>
          change({ split: { kind: "folds", folds, ...(way === "chance" ? {} : { [way ?? ""]: columns[0] }) } })
        }
        disabled={columns.length === 0}
        allowDeselect={false}
      />
      {by === "chance" ? (
        <NumberInput
          label="Repeats"
          description="shuffles and folds so many times over"
          value={repeats}
          min={1}
          max={20}
          allowDecimal={false}
          onChange={(value) => change({ split: { ...split, repeats: Math.max(1, Number(value)) } })}
        />
      ) : (
        <Select
          label={by === "groups" ? "Column of groups" : "Column of time"}
          description={by === "groups" ? "a customer, a patient, a site" : "dates or numbers"}
          data={[...columns]}
          value={column}
          onChange={(next) => change({ split: { kind: "folds", folds, [by]: next ?? columns[0] } })}
          allowDeselect={false}
          searchable
        />
      )}
    </>
  );
}

const WAYS = [
  { value: "chance", label: "chance" },
  { value: "groups", label: "groups that stay together" },
  { value: "time", label: "time" },
];

const FOLDED_BY = {
  chance: "by class in equal shares where there are classes",
  groups: "rows of equal value are never on both sides",
  time: "each fold is judged by what came before it",
};

/** Another data set has other columns. */
function withoutColumns(split: Split): Split {
  return split.kind === "folds" ? { kind: "folds", folds: split.folds, repeats: split.repeats } : split;
}

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
