// `massif runs`: trainings, past and present.
import { writeFile } from "node:fs/promises";
import type { RunChart } from "@massif/api";
import type { Command } from "commander";
import { CHART_KINDS, type ChartKind } from "../chart-kinds.ts";
import { addCommand, addGroup, oneOf, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { openBoard } from "../progress.ts";
import { runIdOf } from "../run-reference.ts";
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

interface ShowOptions {
  readonly chart?: string;
  readonly chartKind?: ChartKind;
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
    examples: [
      ["massif runs show run_01h8 --json", "with the loss after each step"],
      ["massif runs show latest", "the newest run"],
      ["massif runs show run_01h8 --chart roc.svg --chart-kind roc", "a chart as an SVG file"],
    ],
  })
    .option("--chart <file>", "write a chart as SVG: the one that says most, or that of --chart-kind")
    .option("--chart-kind <kind>", CHART_KINDS.join(", "), oneOf(CHART_KINDS))
    .action(async (given: string, { chart: file, chartKind }: ShowOptions) => {
      const { client } = await connect(session);
      const { signal } = session;
      const id = await runIdOf(client, given, signal);
      const run = await client.getRun({ params: { id }, signal });
      const chart = run.status === "succeeded" ? await client.getRunChart({ params: { id }, signal }) : undefined;
      if (file !== undefined) {
        // Loaded only here: drawing takes longer to load than all other commands together.
        const { runChartSvg } = await import("../run-charts.ts");
        await writeFile(file, runChartSvg(run, chart, chartKind));
      }
      session.answer({ ...run, perClass: chart?.kind === "classification" ? figuresOf(chart) : null }, () =>
        [runText(run, session, chart), ...(file === undefined ? [] : ["", `chart  ${file}`])].join("\n"),
      );
    });
}

/** The figures of each class without their curves. */
function figuresOf({ perClass }: Extract<RunChart, { kind: "classification" }>) {
  return perClass.map(({ class: name, precision, recall, f1, support, rocAuc, averagePrecision }) => ({
    class: name,
    precision,
    recall,
    f1,
    support,
    rocAuc,
    averagePrecision,
  }));
}

function addWatch(runs: Command, session: Session): void {
  addCommand(runs, "watch <id>", {
    summary: "follow a run until it ends",
    description: "Follows a run until it ends. Ctrl-C stops watching; the run goes on.",
    examples: [["massif runs watch run_01h8", "its progress, then its result"]],
  }).action(async (given: string) => {
    const { client } = await connect(session);
    const { signal } = session;
    const id = await runIdOf(client, given, signal);
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
