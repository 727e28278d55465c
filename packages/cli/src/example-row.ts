// A row that an endpoint can be tried with, made from its signature alone.
import type { Row, Signature } from "@massif/api";

/** The example values of the signature; a first category or zero where it has none. */
export function exampleRow({ inputs }: Signature): Row {
  return Object.fromEntries(
    inputs.map(({ name, kind, categories, example }) => {
      if (example !== undefined && example !== null) return [name, example];
      if (kind === "number") return [name, 0];
      return [name, categories?.[0] ?? null];
    }),
  );
}
