// `massif worker`: a process that takes trainings, trials and imports from the queue of a shared database.
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import { homeFolder } from "../home-files.ts";
import { startWorker } from "../server-host.ts";
import type { Session } from "../session.ts";
import { facts } from "../table.ts";
import { untilStopped } from "./up.ts";

interface WorkerFlags {
  readonly databaseUrl?: string;
  readonly cores?: number;
  readonly healthPort?: number;
  readonly healthHost: string;
}

export function addWorker(program: Command, session: Session): void {
  addCommand(program, "worker", {
    summary: "do the work of servers that share a PostgreSQL database",
    description:
      "Takes trainings, trials and imports from the queue of a PostgreSQL database and does them in this process, on this " +
      "machine, until Ctrl-C or SIGTERM, which give running work back to the queue. It answers no requests. Its home must " +
      "be the servers' own, on a disk that all of them reach. A worker that dies loses nothing: its work goes to others.",
    examples: [
      ["massif worker --database-url postgres://user@db/massif --home /shared/massif", "with all cores"],
      ["massif worker --cores 4 --health-port 7332", "DATABASE_URL and MASSIF_HOME from the environment"],
    ],
  })
    .option("--database-url <url>", "the PostgreSQL database of the servers (else DATABASE_URL)")
    .option("--cores <n>", "cores that its work may use (else all)", wholeNumber(1, 4096))
    .option("--health-port <n>", "answer GET /healthz on this port; 0 takes a free one", wholeNumber(0, 65_535))
    .option("--health-host <address>", "address for --health-port; 0.0.0.0 for all", "127.0.0.1")
    .action(async ({ databaseUrl, cores, healthPort, healthHost }: WorkerFlags) => {
      const home = homeFolder(session);
      const logLevel = session.stderr.isTTY ? "warn" : "info";
      const url = databaseUrl ?? (session.environment.DATABASE_URL || undefined);
      const worker = await startWorker({ home, databaseUrl: url, cores, healthPort, healthHost, logLevel });
      try {
        if (session.json) session.answerJson({ home, cores: worker.cores, healthUrl: worker.healthUrl ?? null });
        const health = worker.healthUrl === undefined ? [] : [["health", worker.healthUrl] as const];
        session.say(facts([["home", home], ["cores", String(worker.cores)], ...health], session));
        session.say("Working until Ctrl-C.");
        await untilStopped(session);
        session.note("Stopping: running work goes back to the queue. Ctrl-C again ends at once.");
      } finally {
        await worker.stop();
      }
    });
}
