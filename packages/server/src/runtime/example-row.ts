// A row that fits a signature, for trying a model and for showing how to call it.
import type { RowSignature } from "@massif/api";

/** The examples of a signature's columns; where one has none, a value of its kind. */
export function exampleRow({ inputs }: RowSignature): Record<string, string | number | null> {
  return Object.fromEntries(
    inputs.map(({ name, kind, categories, example }) => [name, example ?? categories?.[0] ?? STAND_IN[kind]]),
  );
}

// Internal

const STAND_IN = { number: 0, category: "", date: "2024-01-01", text: "" } as const;
