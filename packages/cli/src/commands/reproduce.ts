// `massif reproduce`: trains a run again and says whether the model is the same to the last bit.
import type { Reproduction } from "@massif/api";
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import { runIdOf } from "../run-reference.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";
import { runError } from "../watch.ts";
import { followed } from "./train.ts";

export function addReproduce(program: Command, session: Session): void {
  addCommand(program, "reproduce <run>", {
    summary: "train a run again and compare the models bit for bit",
    description:
      "Trains again, as a new run, from the run's own data version, pipeline, seed and split, and compares the SHA-256 " +
      "of the two models. Ends with status 1 when they differ.",
    examples: [
      ["massif reproduce run_01h8", "says `same`, or what differs"],
      ["massif reproduce latest --json", "the newest run, for a script"],
    ],
  }).action(async (given: string) => {
    const { client } = await connect(session);
    const original = await runIdOf(client, given, session.signal);
    // Not cut off by Ctrl-C: only a run that is known to have begun can be stopped.
    const run = await client.reproduceRun({ params: { id: original } });
    const ended = await followed(client, run, session);
    if (ended.status !== "succeeded") throw runError(ended);
    const found = await client.getReproduction({ params: { id: run.id }, signal: session.signal });
    session.answer(found, () => verdict(found, session));
    if (found.same !== true) process.exitCode = 1;
  });
}

// Internal

function verdict({ run, original, same, differences }: Reproduction, session: Session): string {
  const head = same ? `same: ${run} has the model of ${original}, bit for bit` : `different: ${run} and ${original}`;
  if (differences.length === 0) return head;
  const shown = (value: string | number | null) => (value === null ? "not known" : String(value));
  const rows = differences.map(({ what, original: before, again }) => [what, shown(before), shown(again)]);
  return [head, "", table([{ head: "what" }, { head: original }, { head: run }], rows, { session, none: "" })].join(
    "\n",
  );
}
