// `massif invoice` and `massif prices`: what a month costs, line by line, and the unit prices behind it.
import { writeFile } from "node:fs/promises";
import type { Invoice } from "@massif/api";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, oneOf } from "../command.ts";
import { connect } from "../connection.ts";
import { figure, money } from "../figures.ts";
import type { Session } from "../session.ts";
import { facts, table } from "../table.ts";

const FORMATS = ["table", "csv", "json"] as const;

interface InvoiceOptions {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
}

export function addInvoice(program: Command, session: Session): void {
  addCommand(program, "invoice [month]", {
    summary: "a month's usage as quantities, unit prices and amounts",
    examples: [
      ["massif invoice", "this month so far"],
      ["massif invoice 2026-11 --format csv -o november.csv", "for a spreadsheet"],
      ["massif invoice 2026-11 --format json", "for a script"],
    ],
  })
    .option("--format <format>", `one of ${FORMATS.join(", ")}`, oneOf(FORMATS), "table")
    .option("-o, --output <file>", "write to a file instead of the terminal")
    .action(async (given: string | undefined, { format, output }: InvoiceOptions) => {
      const month = monthOf(given);
      const { client } = await connect(session);
      const params = { month };
      if (format === "csv") {
        const csv = await client.invoiceCsv({ params, signal: session.signal });
        return deliver(csv, { output, session });
      }
      const invoice = await client.invoice({ params, signal: session.signal });
      if (format === "json") return deliver(`${JSON.stringify(invoice, null, 2)}\n`, { output, session });
      if (output === undefined) return session.answer(invoice, () => invoiceText(invoice, session));
      await deliver(`${invoiceText(invoice, session)}\n`, { output, session });
    });
  addPrices(program, session);
}

// Internal

function addPrices(program: Command, session: Session): void {
  addCommand(program, "prices", {
    summary: "show the price table in force",
    examples: [["massif prices", "what a second, a request and a stored gigabyte cost"]],
  }).action(async () => {
    const { client } = await connect(session);
    const prices = await client.prices({ signal: session.signal });
    const { currency, ...amounts } = prices;
    session.answer(prices, () =>
      facts(
        Object.entries(amounts).map(([name, amount]) => [name, money({ amount, currency })]),
        session,
      ),
    );
  });
}

function monthOf(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString().slice(0, 7);
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError(`Give a month such as 2026-11; got "${text}".`);
}

async function deliver(
  text: string,
  { output, session }: { readonly output: string | undefined; readonly session: Session },
): Promise<void> {
  if (output === undefined) return session.write(text);
  await writeFile(output, text);
  session.answer({ file: output, bytes: Buffer.byteLength(text) }, () => `wrote ${output}`);
}

function invoiceText({ month, complete, lines, totals }: Invoice, session: Session): string {
  const { colours } = session;
  const number = { number: true as const };
  const columns = [
    { head: "for" },
    { head: "meter" },
    { head: "quantity", ...number },
    { head: "unit" },
    { head: "unit price", ...number },
    { head: "amount", ...number },
    { head: "key" },
    { head: "model" },
  ];
  const rows = lines.map(({ kind, meter, quantity, unit, unitPrice, amount, currency, key, model, endpoint }) => [
    endpoint === null ? kind : `${kind} ${endpoint}`,
    meter,
    figure(quantity, 4),
    unit,
    money({ amount: unitPrice, currency }),
    money({ amount, currency }),
    key ?? "",
    model ?? "",
  ]);
  const sum = totals.map((total) => money(total)).join(" + ");
  return [
    colours.dim(complete ? month : `${month} so far`),
    table(columns, rows, { session, none: "nothing was used in this month" }),
    `${colours.bold("total")}  ${sum}`,
  ].join("\n");
}
