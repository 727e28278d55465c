// `massif budget`: what was spent this month, and limits that stop spending.
import type { Budget } from "@massif/api";
import type { Command } from "commander";
import { addCommand, addGroup } from "../command.ts";
import { connect } from "../connection.ts";
import { moment, money } from "../figures.ts";
import { amountOrNone } from "../money-options.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

export function addBudget(program: Command, session: Session): void {
  const budget = addGroup(program, "budget", "what was spent this month, and limits that stop spending");
  addShow(budget, session);
  addSet(budget, session);
}

// Internal

function addShow(budget: Command, session: Session): void {
  addCommand(budget, "show", {
    summary: "show what was spent this month and what still may be",
    examples: [["massif budget show", "of the project and of its keys"]],
  }).action(async () => {
    const { client } = await connect(session);
    const standing = await client.budget({ signal: session.signal });
    session.answer(standing, () => budgetText(standing, session));
  });
}

function addSet(budget: Command, session: Session): void {
  addCommand(budget, "set", {
    summary: "limit what the project, or one key, may spend in a month",
    description:
      "Limits spending in a calendar month (UTC). At the limit predictions, trainings, imports and queries are refused " +
      "with 402 BUDGET_EXCEEDED, and trainings under way are stopped; reading goes on. 0 allows nothing, `none` lifts the limit.",
    examples: [
      ["massif budget set 50", "the project may spend 50 a month"],
      ["massif budget set 5 --key key_01H8", "one key may spend 5 a month"],
      ["massif budget set none", "no limit"],
    ],
  })
    .argument("<amount>", "in the currency of `massif prices`; 0 for nothing, `none` for no limit")
    .option("--key <id>", "limit this key instead of the project")
    .action(async (text: string, { key }: { key?: string }) => {
      const monthly = amountOrNone(text);
      const { client } = await connect(session);
      if (key !== undefined) {
        await client.setKeyLimits({ params: { id: key }, body: { monthlyBudget: monthly }, signal: session.signal });
      } else await client.setBudget({ body: { monthly }, signal: session.signal });
      const standing = await client.budget({ signal: session.signal });
      session.answer(standing, () => budgetText(standing, session));
    });
}

function budgetText({ month, resetsAt, project, keys }: Budget, session: Session): string {
  const { colours } = session;
  const row = (name: string, id: string, { monthly, spent, remaining, open }: Budget["project"]) => [
    name,
    id,
    monthly === null ? "none" : money({ amount: monthly, currency: spent.currency }),
    money(spent),
    remaining === null ? "–" : money({ amount: remaining, currency: spent.currency }),
    open ? "open" : colours.red("used up"),
  ];
  const rows = [row(colours.bold("project"), "", project), ...keys.map((key) => row(key.name, key.id, key))];
  const columns = [
    { head: "who" },
    { head: "key id" },
    { head: "a month", number: true as const },
    { head: "spent", number: true as const },
    { head: "left", number: true as const },
    { head: "state" },
  ];
  return [colours.dim(`${month}, begins anew ${moment(resetsAt)}`), table(columns, rows, { session })].join("\n");
}
