// `massif explain`: what each column adds to a prediction.
import { ApiError, type ExplainResponse, type Row, type RowSignature, rowSignatureOf } from "@massif/api";
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import { explanationText } from "../explanation-view.ts";
import { inputRows, openRows, rowFromJson } from "../input-rows.ts";
import { findVersion } from "../model-version.ts";
import type { Session } from "../session.ts";

interface ExplainOptions {
  readonly row?: string;
  readonly file?: string;
  readonly class?: string;
}

export function addExplain(program: Command, session: Session): void {
  const command = addCommand(program, "explain <model>", {
    summary: "show what each column adds to a prediction",
    description:
      "Shows what each column adds to what a registered model predicts (Shapley values): one row with its values, or " +
      "the means over a file of at most 1000 rows; --json has every row. For trees, forests and boosting, and for " +
      "linear models with StandardScaler as the last step. No endpoint is needed.",
    examples: [
      [`massif explain prices --row '{"carat": 0.7, "cut": "Ideal", …}'`, "one row, by the newest version"],
      ["massif explain prices@production --file rows.csv", "what matters in these rows, by an alias"],
      ["massif explain birds@2 --file rows.csv --class Gentoo --json", "every row and class"],
    ],
  });
  command
    .option("--row <json>", "one row as a JSON object")
    .option("--file <path>", "rows (CSV, TSV, JSON, JSON lines); - is standard input")
    .option("--class <class>", "the class to show; default: the one predicted")
    .action(async (which: string, options: ExplainOptions) => {
      if ((options.row === undefined) === (options.file === undefined)) {
        command.error("error: give one of --row and --file");
      }
      const { client } = await connect(session);
      const { model, version, signature } = await findVersion(client, which, session);
      const wanted = rowSignatureOf(signature, `the model ${model}`);
      const rows = await readRows(wanted, { ...options, session });
      const params = { name: model, version };
      const answer = await client.explain({ params, body: { rows }, signal: session.signal });
      checkClass(answer, options.class);
      session.answer(answer, () => explanationText(answer, { rows, shown: options.class, session }));
    });
}

// Internal

/** More rows are refused by the server; they need not be read. */
const MOST_ROWS = 1000;

async function readRows(
  signature: RowSignature,
  { row, file, session }: ExplainOptions & { readonly session: Session },
): Promise<Row[]> {
  if (row !== undefined) return [rowFromJson(row, signature).row];
  const rows: Row[] = [];
  for await (const each of inputRows(await openRows(file as string, session.stdin), signature)) {
    rows.push(each.row);
    if (rows.length > MOST_ROWS) {
      throw new ApiError("TOO_LARGE", `${file} has more than ${MOST_ROWS} rows, the most that are explained at once`);
    }
  }
  return rows;
}

function checkClass({ outputs }: ExplainResponse, shown: string | undefined): void {
  if (shown === undefined || outputs.some((output) => output.class === shown)) return;
  const known = outputs.map((output) => output.class).filter((name) => name !== null);
  const have = known.length === 0 ? "the model predicts numbers" : `explained: ${known.join(", ")}`;
  throw new ApiError("INVALID_REQUEST", `\`--class\` ${shown} is not explained; ${have}`);
}
