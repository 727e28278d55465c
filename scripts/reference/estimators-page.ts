// docs/reference/estimators.md, from the catalogue of components.
import { describeCatalogue, describeParam } from "@massif/learn";

type Entry = ReturnType<typeof describeCatalogue>[number];

/** The page as Markdown. */
export function estimatorsPage(): string {
  const entries = describeCatalogue();
  const estimators = entries.filter((entry) => entry.kind === "estimator");
  const transformers = entries.filter((entry) => entry.kind === "transformer");
  return [
    "# Estimators and transformers",
    "",
    "<!-- Generated from the parameter tables in packages/learn by `npm run generate`. -->",
    "",
    "The same tables validate pipelines, fill `massif train --estimator NAME --help` and answer `GET /v1/catalogue`.",
    "",
    "## Estimators",
    ...estimators.flatMap(section),
    "",
    "## Transformers",
    ...transformers.flatMap(section),
    "",
  ].join("\n");
}

// Internal

function section(entry: Entry): string[] {
  const params = Object.entries(entry.params);
  const rows = params.map(
    ([name, param]) => `| \`${name}\` | ${JSON.stringify(param.default)} | ${describeParam(param)} | ${param.doc} |`,
  );
  const task = entry.kind === "transformer" ? "" : ` (${entry.task})`;
  return [
    "",
    `### ${entry.name}${task}`,
    "",
    entry.doc,
    ...(entry.kind === "estimator" && entry.weighs ? ["Weighs rows (`--weights COLUMN`)."] : []),
    `Source: ${entry.source}`,
    ...(rows.length === 0 ? [] : ["", "| parameter | default | allowed | meaning |", "|---|---|---|---|", ...rows]),
  ];
}
