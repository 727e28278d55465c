// `massif quickstart`: the whole path in one go — a server, a data set, a leaderboard, an endpoint, an answer.
import path from "node:path";
import {
  ApiError,
  type Comparison,
  type Cost,
  type DatasetVersion,
  type Endpoint,
  type PredictionValue,
  predictionsOf,
  type Row,
  rowSignatureOf,
} from "@massif/api";
import type { Command } from "commander";
import { callLines } from "../call-lines.ts";
import { addCommand, wholeNumber } from "../command.ts";
import { compare } from "../compare.ts";
import { type Connection, reach } from "../connection.ts";
import { exampleFile } from "../example-data.ts";
import { duration, figure, money } from "../figures.ts";
import { connectionOf } from "../home-connection.ts";
import { givenHome, quickstartHome } from "../home-files.ts";
import { importFile } from "../import-file.ts";
import { bestRun, leaderboardRows, leaderboardText } from "../leaderboard.ts";
import { predictionKey } from "../prediction-key.ts";
import { profileText } from "../profile-view.ts";
import { openBoard } from "../progress.ts";
import { startLocalAnywhere } from "../server-host.ts";
import type { Session } from "../session.ts";
import { facts } from "../table.ts";
import { predictionText } from "./predict.ts";
import { started, untilStopped } from "./up.ts";

interface QuickstartOptions {
  readonly once?: true;
  readonly port?: number;
}

export function addQuickstart(program: Command, session: Session): void {
  addCommand(program, "quickstart", {
    summary: "from a data file to a live endpoint in about a minute",
    description:
      "Starts a server on a home of its own (~/.massif/quickstart unless --home or MASSIF_HOME say otherwise), imports " +
      "53,940 diamonds, trains ten pipelines on their price, deploys the best, calls it, and serves until Ctrl-C. " +
      "It may be run again: data set, model and endpoint then get a next version.",
    examples: [
      ["massif quickstart", "and keep serving"],
      ["massif quickstart --once --json", "end after the call, for a script"],
    ],
  })
    .option("--once", "end after the call")
    .option("--port <n>", "port to listen on; default: 7331, or a free one", wholeNumber(0, 65_535))
    .action(async (options: QuickstartOptions) => {
      const home = path.resolve(givenHome(session) ?? quickstartHome());
      const server = await runningOrNew(home, options.port, session);
      try {
        await tour(server, session);
        if (server.stop === undefined) return;
        if (options.once) {
          session.say(`\nThe server stops now; \`massif up --home ${home}\` starts it again with this endpoint.`);
          return;
        }
        session.say(`\nServing at ${session.colours.bold(server.url)} until Ctrl-C.`);
        await untilStopped(session);
      } finally {
        await server.stop?.();
      }
    });
}

// Internal

const FILE = "diamonds.csv";
const NAME = "diamonds";
const TARGET = "price";

interface QuickstartServer extends Connection {
  readonly home: string;
  /** Undefined when it was running already: then it goes on. */
  readonly stop?: () => Promise<void>;
}

async function runningOrNew(home: string, port: number | undefined, session: Session): Promise<QuickstartServer> {
  const running = await connectionOf(home);
  if (running !== undefined && (await answers(running, session.signal))) {
    session.say(`Massif is running already on ${session.colours.bold(running.url)}: using it.`);
    return { ...running, home };
  }
  const server = await started(session, () => startLocalAnywhere({ home, port }));
  session.say(`Massif on ${session.colours.bold(server.url)} ${session.colours.dim(`(home ${home})`)}`);
  return server;
}

// A process id may have gone to another program since the server died; then the home is free, or its lock says not.
async function answers(connection: Connection, signal: AbortSignal): Promise<boolean> {
  try {
    await reach(connection, signal);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.code === "SERVER_UNREACHABLE") return false;
    throw error;
  }
}

async function tour(server: QuickstartServer, session: Session): Promise<void> {
  const { client } = server;
  const { signal } = session;
  const title = (text: string) => session.say(`\n${session.colours.bold(text)}`);
  title(`1. Data: ${FILE}`);
  const data = await importShown(server, session);
  title(`2. Training on \`${TARGET}\``);
  const comparison = await compare(client, { dataset: NAME, version: data.version, target: TARGET }, session);
  session.say(leaderboardText(comparison, session));
  title("3. Endpoint");
  const run = bestRun(comparison) ?? "";
  const model = await client.registerModel({ body: { name: NAME, run }, signal });
  const endpoint = await client.deploy({
    params: { name: NAME },
    body: { model: NAME, version: model.version },
    signal,
  });
  session.say(`${model.estimator} is ${NAME} version ${model.version}, on the endpoint \`${endpoint.name}\``);
  const called = await call(server, { endpoint, data, session });
  finish({ server, comparison, endpoint, called, session });
}

async function importShown({ client }: QuickstartServer, session: Session): Promise<DatasetVersion> {
  const board = openBoard(session, [FILE]);
  try {
    const line = board.line(FILE);
    const data = await importFile(client, { file: exampleFile(FILE), name: NAME, line, signal: session.signal });
    board.stop();
    session.say(profileText(data, session));
    return data;
  } finally {
    board.stop();
  }
}

interface Called {
  readonly row: Row;
  readonly actual: unknown;
  readonly prediction: PredictionValue;
  readonly cost: Cost;
  readonly key: string;
  /** The endpoint's TypeScript module. */
  readonly source: string;
}

// The call is made as a program would make it: with a key that may do nothing else.
async function call(
  server: QuickstartServer,
  { endpoint, data, session }: { endpoint: Endpoint; data: DatasetVersion; session: Session },
): Promise<Called> {
  const { client } = server;
  const { signal } = session;
  // A row from the middle of the file: the first ones are the cheapest stones.
  const sql = `SELECT * FROM ${data.dataset} LIMIT 1 OFFSET ${Math.floor((data.rows ?? 0) / 2)}`;
  const { columns, rows } = await client.sql({ body: { sql }, signal });
  const first = Object.fromEntries(columns.map(({ name }, i) => [name, rows[0][i]]));
  const row: Row = Object.fromEntries(
    rowSignatureOf(endpoint.signature).inputs.map(({ name }) => [name, first[name] as string | number | null]),
  );
  const key = await predictionKey(server, signal);
  const answer = await key.client.predict({ params: { name: endpoint.name }, body: { rows: [row] }, signal });
  const source = await client.getEndpointTypes({ params: { name: endpoint.name }, signal });
  const [prediction] = predictionsOf(answer);
  return { row, actual: first[TARGET], prediction, cost: answer.cost, key: key.secret, source };
}

interface Outcome {
  readonly server: QuickstartServer;
  readonly comparison: Comparison;
  readonly endpoint: Endpoint;
  readonly called: Called;
  readonly session: Session;
}

function finish({ server, comparison, endpoint, called, session }: Outcome): void {
  const { prediction, cost } = called;
  const url = new URL(endpoint.path, server.url).href;
  const seconds = performance.now() / 1000;
  session.answer(
    {
      leaderboard: leaderboardRows(comparison),
      endpoint: { name: endpoint.name, url },
      prediction,
      cost,
      seconds: Number(seconds.toFixed(2)),
    },
    () =>
      [
        facts(
          [
            ["row", JSON.stringify(called.row)],
            [
              "answer",
              `${session.colours.bold(predictionText(prediction))} (in the data: ${figure(Number(called.actual))})`,
            ],
            ["cost", money(cost)],
            ["time", `${duration(seconds)} from the start`],
          ],
          session,
        ),
        ...callLines({ ...called, url }, session),
      ].join("\n"),
  );
}
