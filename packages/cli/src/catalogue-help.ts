// `massif train --help` lists the estimators as the server knows them, when one can be reached; with `--estimator NAME`
// it lists that one's parameters.
import type { CatalogueEntry } from "@massif/api";
import type { Command } from "commander";
import { connect } from "./connection.ts";
import type { Session } from "./session.ts";

/** Adds the list to the help of `train` or `tune` when that is what was asked for; commander's help cannot wait itself. */
export async function addCatalogueHelp(program: Command, argv: readonly string[], session: Session): Promise<void> {
  const words = argv.slice(2);
  const asked = words.includes("--help") || words.includes("-h") || words[0] === "help";
  const name = ["train", "tune"].find((word) => words.includes(word));
  const command = asked ? program.commands.find((child) => child.name() === name) : undefined;
  if (command === undefined) return;
  program.parseOptions(words.filter((word) => word !== "-h" && word !== "--help"));
  const text = await catalogueText(session, { name: name as string, estimator: estimatorAmong(words) });
  command.addHelpText("after", () => text);
}

// Internal

/** Help must not make anybody wait. */
const PATIENCE_MS = 1500;

async function catalogueText(session: Session, asked: { name: string; estimator?: string }): Promise<string> {
  try {
    const { client } = await connect(session);
    const signal = AbortSignal.any([session.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const estimators = (await client.catalogue({ signal })).filter(({ kind }) => kind === "estimator");
    const one = estimators.find(({ name }) => name === asked.estimator);
    return one === undefined ? listText(estimators, asked.name) : entryText(one);
  } catch {
    return "\nEstimators and their parameters are listed here while a server runs (`massif up`).";
  }
}

function estimatorAmong(words: readonly string[]): string | undefined {
  const at = words.indexOf("--estimator");
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith("--estimator="))?.slice("--estimator=".length);
}

function listText(estimators: readonly CatalogueEntry[], command: string): string {
  const lines = estimators.map((one) => `  ${titleOf(one)}\n      ${one.doc}`);
  return ["", "Estimators:", ...lines, "", `\`massif ${command} --estimator NAME --help\` lists parameters.`].join(
    "\n",
  );
}

function entryText(one: CatalogueEntry): string {
  const lines = Object.entries(one.params).map(([param, { default: value, allowed, doc }]) => {
    return `    ${param}=${JSON.stringify(value)}  ${allowed}\n        ${doc}`;
  });
  return ["", `${titleOf(one)}: ${one.doc}`, ...lines, ""].join("\n");
}

function titleOf({ name, task, weighs }: CatalogueEntry): string {
  return `${name} (${task}${weighs ? ", weighs rows" : ""})`;
}
