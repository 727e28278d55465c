// A form made from a model's signature, filled with its example row; what comes back, what it cost and how long it took.

import { Button, Group, NumberInput, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import type { Row, RowSignature } from "@massif/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Failure } from "../../parts/failure.tsx";
import { useSession } from "../../session/session.tsx";
import { Answer } from "./answer.tsx";

interface TryRowProps {
  readonly endpoint: string;
  readonly signature: RowSignature;
}

type Input = RowSignature["inputs"][number];
type Value = string | number | null;

export function TryRow({ endpoint, signature }: TryRowProps) {
  const { client } = useSession();
  const queries = useQueryClient();
  const [row, setRow] = useState<Readonly<Record<string, Value>>>(() => exampleRow(signature));
  const ask = useMutation({
    mutationFn: async () => {
      const began = performance.now();
      const answer = await client.predict({ params: { name: endpoint }, body: { rows: [row as Row] } });
      return { answer, ms: performance.now() - began };
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["traffic", endpoint] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }}>
          {signature.inputs.map((input) => (
            <ColumnInput
              key={input.name}
              input={input}
              value={row[input.name]}
              onChange={(value) => setRow((before) => ({ ...before, [input.name]: value }))}
            />
          ))}
        </SimpleGrid>
        <Group>
          <Button type="submit" loading={ask.isPending}>
            Predict
          </Button>
          <Button variant="subtle" onClick={() => setRow(exampleRow(signature))}>
            Example row
          </Button>
        </Group>
        {ask.error !== null && <Failure error={ask.error} />}
        {ask.data !== undefined && <Answer {...ask.data} target={signature.target} />}
      </Stack>
    </form>
  );
}

// Internal

interface ColumnInputProps {
  readonly input: Input;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

function ColumnInput({ input: { name, kind, categories }, value, onChange }: ColumnInputProps) {
  if (kind === "number") {
    return (
      <NumberInput
        label={name}
        placeholder="missing"
        value={value === null ? "" : Number(value)}
        onChange={(next) => onChange(typeof next === "number" ? next : null)}
      />
    );
  }
  if (kind === "category") {
    return (
      <Select
        label={name}
        placeholder="missing"
        data={categories ?? []}
        value={value === null ? null : String(value)}
        onChange={onChange}
        searchable={(categories?.length ?? 0) > 8}
        clearable
      />
    );
  }
  return (
    <TextInput
      label={name}
      placeholder={kind === "date" ? "missing, or 2026-01-31" : "missing"}
      value={value === null ? "" : String(value)}
      onChange={(event) => onChange(event.currentTarget.value === "" ? null : event.currentTarget.value)}
    />
  );
}

function exampleRow({ inputs }: RowSignature): Record<string, Value> {
  return Object.fromEntries(inputs.map(({ name, example }) => [name, example ?? null]));
}
