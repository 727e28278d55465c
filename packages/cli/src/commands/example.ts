// `massif example line`: the worked example, through a real server.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { addCommand, addGroup } from "../command.ts";
import { type Connection, connect, reach } from "../connection.ts";
import { type Fit, fitLines, type LineResult } from "../line-example.ts";
import { openBoard } from "../progress.ts";
import { startTemporary } from "../server-host.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";
import { started } from "./up.ts";

export function addExample(program: Command, session: Session): void {
  const example = addGroup(program, "example", "worked examples");
  addCommand(example, "line", {
    summary: "fit a line by three optimisers and compare with least squares",
    description:
      "Fits y on x (100 points around y = 2x) by SGD, mini-batch and momentum on the scaled column, compares with " +
      "least squares, and shows that learning rate 0.01 on the raw column diverges, why, and what to do. " +
      "Runs on the server in reach, else on one of its own that goes away again.",
    examples: [
      ["massif example line", "figures, and charts in ./massif-example-line"],
      ["massif example line --out /tmp/line --json", "for a script"],
    ],
  })
    .option("--out <folder>", "where the charts go", "massif-example-line")
    .action(async ({ out }: { out: string }) => {
      const { connection, stop } = await anyServer(session);
      try {
        const result = await run(connection, session);
        const charts = await savePictures(result, path.resolve(out), session.signal);
        answer(result, charts, session);
      } finally {
        await stop();
      }
    });
}

// Internal

interface AnyServer {
  readonly connection: Connection;
  readonly stop: () => Promise<void>;
}

// A server that the user names must answer; one that is only remembered need not.
async function anyServer(session: Session): Promise<AnyServer> {
  const named = session.options.url ?? session.environment.MASSIF_URL;
  try {
    return { connection: await reach(await connect(session), session.signal), stop: async () => undefined };
  } catch (error) {
    session.signal.throwIfAborted();
    if (named) throw error;
  }
  const connection = await started(session, startTemporary);
  return { connection, stop: connection.stop };
}

async function run({ client }: Connection, session: Session): Promise<LineResult> {
  const board = openBoard(session, ["seed_line.csv", "gradient descent, raw column"]);
  try {
    return await fitLines(client, board, session.signal);
  } finally {
    board.stop();
  }
}

async function savePictures(result: LineResult, folder: string, signal: AbortSignal): Promise<string[]> {
  // Loaded only here: drawing takes longer to load than all other commands together.
  const { linePictures } = await import("../line-pictures.ts");
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const { name, text } of linePictures(result)) {
    signal.throwIfAborted();
    const file = path.join(folder, name);
    await writeFile(file, text);
    paths.push(file);
  }
  return paths;
}

function answer(result: LineResult, charts: readonly string[], session: Session): void {
  const { fits, leastSquares, leastSquaresNoIntercept, diverged } = result;
  session.answer(
    {
      fits: fits.map(({ label, slope, intercept, mse }) => ({ optimizer: label, slope, intercept, mse })),
      leastSquares: bare(leastSquares),
      leastSquaresNoIntercept: bare(leastSquaresNoIntercept),
      diverged: {
        optimizer: diverged.optimizer,
        learningRate: diverged.learningRate,
        reason: diverged.reason,
      },
      charts,
    },
    () =>
      [
        fitTable([...fits, leastSquares, leastSquaresNoIntercept], session),
        "",
        `${session.colours.yellow("!")} With learning rate ${diverged.learningRate} on the raw column, ${diverged.reason}.`,
        "  The three fits above have that scaler before them; their slopes and intercepts are in the column's own units.",
        "",
        ...charts.map((file) => `chart  ${shownPath(file)}`),
      ].join("\n"),
  );
}

function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

function fitTable(fits: readonly Fit[], session: Session): string {
  return table(
    [
      { head: "fit" },
      { head: "slope", number: true },
      { head: "intercept", number: true },
      { head: "MSE", number: true },
    ],
    fits.map(({ label, slope, intercept, mse }) => [label, slope.toFixed(5), intercept.toFixed(5), mse.toFixed(5)]),
    { session },
  );
}

function bare({ slope, intercept, mse }: Fit) {
  return { slope, intercept, mse };
}
