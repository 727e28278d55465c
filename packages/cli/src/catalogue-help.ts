// `massif train --help` lists the estimators and their parameters as the server knows them, when one can be reached.
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
  const text = await catalogueText(session);
  command.addHelpText("after", () => text);
}

// Internal

/** Help must not make anybody wait. */
const PATIENCE_MS = 1500;

async function catalogueText(session: Session): Promise<string> {
  try {
    const { client } = await connect(session);
    const signal = AbortSignal.any([session.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const entries = await client.catalogue({ signal });
    return ["", ...entries.filter(({ kind }) => kind === "estimator").map(entryText)].join("\n");
  } catch {
    return "\nEstimators and their parameters are listed here while a server runs (`massif up`).";
  }
}

function entryText({ name, task, weighs, doc, params }: CatalogueEntry): string {
  const lines = Object.entries(params).map(([param, { default: value, allowed, doc }]) => {
    return `    ${param}=${JSON.stringify(value)}  ${allowed}\n        ${doc}`;
  });
  return [`${name} (${task}${weighs ? ", weighs rows" : ""}): ${doc}`, ...lines, ""].join("\n");
}
