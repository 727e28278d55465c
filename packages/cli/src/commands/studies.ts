// `massif studies`: searches for the best parameters, past and present.
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { STUDY_CHART_KINDS, type StudyChartKind } from "../chart-kinds.ts";
import { addCommand, addGroup, oneOf, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import type { Session } from "../session.ts";
import { studyTable, studyText, trialTable } from "../study-view.ts";
import { followStudy, seconds, studyAnswer } from "../tuning.ts";

const STATUSES = ["running", "stopped", "finished", "failed"] as const;

export function addStudies(program: Command, session: Session): void {
  const studies = addGroup(program, "studies", "list, show, watch, stop and resume studies");
  addList(studies, session);
  addShow(studies, session);
  addWatch(studies, session);
  addCommand(studies, "stop <name>", {
    summary: "stop a study; it can be resumed",
    description:
      "Stops a study. Trials that have not ended wait: a resumption does them again, with the same parameters.",
    examples: [["massif studies stop diamonds-1", "its processes end within seconds"]],
  }).action(async (name: string) => {
    const { client } = await connect(session);
    const study = await client.stopStudy({ params: { name }, signal: session.signal });
    session.answer(study, () => `study ${name} is ${study.status}\nnext: massif studies resume ${name}`);
  });
  addResume(studies, session);
}

// Internal

interface ListOptions {
  readonly dataset?: string;
  readonly status?: (typeof STATUSES)[number];
  readonly limit: number;
}

function addList(studies: Command, session: Session): void {
  addCommand(studies, "list", {
    summary: "list studies, newest first",
    examples: [["massif studies list --dataset diamonds", "those of one data set"]],
  })
    .option("--dataset <name>", "of this data set only")
    .option("--status <status>", STATUSES.join(", "), oneOf(STATUSES))
    .option("--limit <n>", "how many", wholeNumber(1, 1000), 100)
    .action(async (query: ListOptions) => {
      const { client } = await connect(session);
      const all = await client.listStudies({ query, signal: session.signal });
      session.answer(all, () => studyTable(all, session));
    });
}

interface ShowOptions {
  readonly trials?: boolean;
  readonly chart?: string;
  readonly chartKind: StudyChartKind;
}

function addShow(studies: Command, session: Session): void {
  addCommand(studies, "show <name>", {
    summary: "show one study: space, best parameters, trials",
    examples: [
      ["massif studies show diamonds-1 --trials", "every trial, one a line"],
      ["massif studies show diamonds-1 --chart history.svg", "the best value so far and each trial"],
      ["massif studies show diamonds-1 --chart lines.svg --chart-kind parallel", "which parameters were good"],
    ],
  })
    .option("--trials", "list the trials too; with --json, with what they reported")
    .option("--chart <file>", "write a chart as SVG")
    .option("--chart-kind <kind>", STUDY_CHART_KINDS.join(", "), oneOf(STUDY_CHART_KINDS), "history")
    .action(async (name: string, { trials: listed, chart: file, chartKind }: ShowOptions) => {
      const { client } = await connect(session);
      const { signal } = session;
      const study = await client.getStudy({ params: { name }, signal });
      const wanted = listed === true || file !== undefined;
      const trials = wanted ? await client.listTrials({ params: { name }, signal }) : [];
      if (file !== undefined) {
        // Loaded only here: drawing takes longer to load than all other commands together.
        const { studyChartSvg } = await import("../study-charts.ts");
        await writeFile(file, studyChartSvg(study, trials, chartKind));
      }
      session.answer(listed === true ? { ...study, trialList: trials } : study, () =>
        [
          studyText(study, session),
          ...(listed === true ? ["", trialTable(trials, session)] : []),
          ...(file === undefined ? [] : ["", `chart  ${file}`]),
        ].join("\n"),
      );
    });
}

function addWatch(studies: Command, session: Session): void {
  addCommand(studies, "watch <name>", {
    summary: "follow a study until it ends",
    description:
      "Follows a study and the run that refits its best parameters. Ctrl-C stops watching; the study goes on.",
    examples: [["massif studies watch diamonds-1", "its progress, then its result"]],
  }).action(async (name: string) => {
    const { client } = await connect(session);
    const study = await client.getStudy({ params: { name }, signal: session.signal });
    studyAnswer(await followStudy(client, study, session), session);
  });
}

interface ResumeOptions {
  readonly trials?: number;
  readonly parallel?: number;
  readonly timeout?: number;
  readonly wait: boolean;
}

function addResume(studies: Command, session: Session): void {
  addCommand(studies, "resume <name>", {
    summary: "go on with a study that was stopped, failed or has ended",
    description:
      "Goes on where a study was: trials that had not ended are done again with the same number and parameters, and " +
      "no trial is lost or counted twice. Ctrl-C stops it again.",
    examples: [
      ["massif studies resume diamonds-1", "go on"],
      ["massif studies resume diamonds-1 --trials 200", "until it has 200 trials altogether"],
    ],
  })
    .option("--trials <n>", "a new number of trials, those begun included", wholeNumber(1, 10_000))
    .option("--parallel <n>", "how many trials run at once", wholeNumber(1, 64))
    .option("--timeout <time>", "a new time limit from now on: 90s, 10m, 2h", seconds)
    .option("--no-wait", "resume and return at once")
    .action(async (name: string, { trials, parallel, timeout: timeoutSeconds, wait }: ResumeOptions) => {
      const { client } = await connect(session);
      const study = await client.resumeStudy({ params: { name }, body: { trials, parallel, timeoutSeconds } });
      if (wait) studyAnswer(await followStudy(client, study, session, { stops: true }), session);
      else session.answer(study, () => `study ${name} goes on\nnext: massif studies watch ${name}`);
    });
}
