// `massif audit`: who changed what.
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { moment } from "../figures.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

export function addAudit(program: Command, session: Session): void {
  addCommand(program, "audit", {
    summary: "show the latest changes, newest first",
    examples: [["massif audit --limit 20", "the last 20 changes"]],
  })
    .option("--limit <n>", "how many", wholeNumber(1, 1000), 100)
    .action(async ({ limit }: { limit: number }) => {
      const { client } = await connect(session);
      const entries = await client.audit({ query: { limit }, signal: session.signal });
      session.answer(entries, () =>
        table(
          [{ head: "when" }, { head: "action" }, { head: "resource" }, { head: "key" }, { head: "request" }],
          entries.map(({ at, action, resource, key, requestId }) => [
            moment(at),
            action,
            resource,
            key ?? "–",
            requestId ?? "–",
          ]),
          { session, none: "nothing has been changed yet" },
        ),
      );
    });
}
