// How to try an endpoint, made from its signature alone.
import type { Row, RowSignature, Signature } from "@massif/api";

/** A line that predicts an example, to paste into a shell. */
export function predictLine(endpoint: string, signature: Signature): string {
  if (signature.task === "tensors") return `massif predict ${endpoint} --input FILE.json`;
  return `massif predict ${endpoint} --row '${JSON.stringify(exampleRow(signature)).replaceAll("'", "'\\''")}'`;
}

// Internal

/** The example values of the signature; a first category or zero where it has none. */
function exampleRow({ inputs }: RowSignature): Row {
  return Object.fromEntries(
    inputs.map(({ name, kind, categories, example }) => {
      if (example !== undefined && example !== null) return [name, example];
      if (kind === "number") return [name, 0];
      return [name, categories?.[0] ?? null];
    }),
  );
}
