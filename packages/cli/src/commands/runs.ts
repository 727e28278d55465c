// `massif runs`: trainings, past and present.
import type { Command } from "commander";
import { addCommand, addGroup, oneOf, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { openBoard } from "../progress.ts";
import { runTable, runText } from "../run-view.ts";
import type { Session } from "../session.ts";
import { TrainingLines } from "../training-lines.ts";
import { runError, runEvents } from "../watch.ts";

const STATUSES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

interface ListOptions {
  readonly dataset?: string;
  readonly comparison?: string;
  readonly status?: (typeof STATUSES)[number];
  readonly limit: number;
}

export function addRuns(program: Command, session: Session): void {
  const runs = addGroup(program, "runs", "list, show, watch and cancel runs");
  addList(runs, session);
  addShow(runs, session);
  addWatch(runs, session);
  addCommand(runs, "cancel <id>", {
    summary: "stop a run",
    examples: [["massif runs cancel run_01h8", "it ends within a second"]],
  }).action(async (id: string) => {
    const { client } = await connect(session);
    const run = await client.cancelRun({ params: { id }, signal: session.signal });
    session.answer(run, () => `run ${run.id} is ${run.status}`);
  });
}

// Internal

function addList(runs: Command, session: Session): void {
  addCommand(runs, "list", {
    summary: "list runs, newest first",
    examples: [["massif runs list --dataset diamonds --status failed", "what went wrong with one data set"]],
  })
    .option("--dataset <name>", "of this data set only")
    .option("--comparison <id>", "of this comparison only")
    .option("--status <status>", STATUSES.join(", "), oneOf(STATUSES))
    .option("--limit <n>", "how many", wholeNumber(1, 1000), 100)
    .action(async (query: ListOptions) => {
      const { client } = await connect(session);
      const all = await client.listRuns({ query, signal: session.signal });
      session.answer(all, () => runTable(all, session));
    });
}

function addShow(runs: Command, session: Session): void {
  addCommand(runs, "show <id>", {
    summary: "show one run: pipeline, metrics, model, error",
    examples: [["massif runs show run_01h8 --json", "with the loss after each step"]],
  }).action(async (id: string) => {
    const { client } = await connect(session);
    const run = await client.getRun({ params: { id }, signal: session.signal });
    session.answer(run, () => runText(run, session));
  });
}

function addWatch(runs: Command, session: Session): void {
  addCommand(runs, "watch <id>", {
    summary: "follow a run until it ends",
    description: "Follows a run until it ends. Ctrl-C stops watching; the run goes on.",
    examples: [["massif runs watch run_01h8", "its progress, then its result"]],
  }).action(async (id: string) => {
    const { client } = await connect(session);
    const { signal } = session;
    const run = await client.getRun({ params: { id }, signal });
    const board = openBoard(session, [run.label]);
    const lines = new TrainingLines(board, new Map([[id, run.label]]));
    try {
      for await (const event of runEvents(client, id, signal)) lines.show(event);
    } finally {
      board.stop();
    }
    const ended = await client.getRun({ params: { id }, signal });
    if (ended.status !== "succeeded") throw runError(ended);
    session.answer(ended, () => runText(ended, session));
  });
}
