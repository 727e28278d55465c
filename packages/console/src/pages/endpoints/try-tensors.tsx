// Trying a model over tensors: its inputs as JSON, with their names, types and shapes beside it.

import { Button, Code, Group, JsonInput, List, Stack } from "@mantine/core";
import { ApiError, type TensorInfo, type TensorSignature } from "@massif/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Failure } from "../../parts/failure.tsx";
import { useSession } from "../../session/session.tsx";
import { Answer } from "./answer.tsx";

interface TryTensorsProps {
  readonly endpoint: string;
  readonly signature: TensorSignature;
}

export function TryTensors({ endpoint, signature: { inputs } }: TryTensorsProps) {
  const { client } = useSession();
  const queries = useQueryClient();
  const [text, setText] = useState(() => exampleText(inputs));
  const ask = useMutation({
    mutationFn: async () => {
      const began = performance.now();
      const answer = await client.predict({ params: { name: endpoint }, body: { inputs: parsed(text) } });
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
        <List size="sm">
          {inputs.map(({ name, datatype, shape }) => (
            <List.Item key={name}>
              <Code>{name}</Code>: {datatype} of shape [
              {shape.map((extent) => (extent < 0 ? "any" : extent)).join(", ")}]
            </List.Item>
          ))}
        </List>
        <JsonInput label="Inputs" value={text} onChange={setText} autosize minRows={4} maxRows={16} />
        <Group>
          <Button type="submit" loading={ask.isPending}>
            Predict
          </Button>
        </Group>
        {ask.error !== null && <Failure error={ask.error} />}
        {ask.data !== undefined && <Answer {...ask.data} target="" />}
      </Stack>
    </form>
  );
}

// Internal

/** Larger examples would drown the form. */
const MOST_VALUES = 64;

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new ApiError("INVALID_JSON", `the inputs are not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

function exampleText(inputs: readonly TensorInfo[]): string {
  const values = inputs.map(({ name, shape, datatype }) => [name, zeros(shape, datatype)] as const);
  return JSON.stringify(Object.fromEntries(values));
}

function zeros(shape: readonly number[], datatype: TensorInfo["datatype"]): unknown {
  const extents = shape.map((extent) => Math.max(1, extent));
  if (extents.reduce((product, extent) => product * extent, 1) > MOST_VALUES) return [];
  const value = datatype === "BYTES" ? "" : datatype === "BOOL" ? false : 0;
  return extents.reduceRight<unknown>((inner, extent) => Array.from({ length: extent }, () => inner), value);
}
