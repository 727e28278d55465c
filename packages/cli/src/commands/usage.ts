// `massif usage`: what was used, and what it costs.
import type { Usage, UsageRow } from "@massif/api";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, oneOf } from "../command.ts";
import { connect } from "../connection.ts";
import { bytes, count, figure, moment, money } from "../figures.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

interface UsageOptions {
  readonly by: (typeof GROUPS)[number];
  readonly from?: string;
  readonly to?: string;
}

export function addUsage(program: Command, session: Session): void {
  addCommand(program, "usage", {
    summary: "show what was used and what it costs",
    examples: [
      ["massif usage", "by kind: training, predictions, replicas, storage"],
      ["massif usage --by key --from 2026-11-01", "by API key, since a day"],
      ["massif usage --by endpoint --json", "for a script"],
    ],
  })
    .option("--by <group>", `group by ${GROUPS.join(", ")}`, oneOf(GROUPS), "kind")
    .option("--from <time>", "day or time, such as 2026-11-01 or 2026-11-01T08:00:00Z", timestamp)
    .option("--to <time>", "day or time", timestamp)
    .action(async ({ by, from, to }: UsageOptions) => {
      const { client } = await connect(session);
      const usage = await client.usage({ query: { groupBy: by, from, to }, signal: session.signal });
      session.answer(usage, () => usageText(usage, by, session));
    });
}

// Internal

const GROUPS = ["kind", "key", "endpoint", "model", "day"] as const;

function timestamp(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError("Give a day (2026-11-01) or a time in ISO 8601.");
  return time.toISOString();
}

function usageText({ from, to, rows, total }: Usage, by: string, session: Session): string {
  const cells = (row: UsageRow, name: string) => [
    name,
    count(row.requests),
    count(row.errors),
    count(row.rows),
    figure(row.cpuSeconds, 4),
    figure(row.memoryMbSeconds / 1e3, 4),
    figure(row.storedGbHours, 4),
    bytes(row.bytesIn),
    bytes(row.bytesOut),
    money(row.cost),
  ];
  const heads = ["requests", "errors", "rows", "CPU s", "GB·s", "GB·h", "in", "out", "cost"];
  const body = rows.map((row) => cells(row, row.group));
  const lines = rows.length === 0 ? [] : [...body, cells(total, session.colours.bold("total"))];
  return [
    session.colours.dim(`${moment(from)} to ${moment(to)}`),
    table([{ head: by }, ...heads.map((head) => ({ head, number: true as const }))], lines, {
      session,
      none: "nothing was used in this time",
    }),
  ].join("\n");
}
