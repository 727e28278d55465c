// `massif health`: what the server says of each of its parts; for people and for monitoring.
import { ApiError, type Health } from "@massif/api";
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import type { Session } from "../session.ts";

export function addHealth(program: Command, session: Session): void {
  addCommand(program, "health", {
    summary: "what works on the server, part by part",
    description:
      "Asks the server whether it can do its work: the database, the files and their disk, the queue, the endpoints and " +
      "the workers seen lately. Needs no key. Exit code 1 when it cannot. `massif doctor` also looks at this machine.",
    examples: [
      ["massif health", "one line per part, with the reason when it fails"],
      ["massif health --json | jq -r .status", "`ok`, `degraded` or `unhealthy`"],
    ],
  }).action(async () => {
    const { client, url } = await connect(session);
    const health = await client.ready({ signal: session.signal }).catch(unready);
    session.answer({ url, ...health }, () => health.checks.map((check) => line(check, session)).join("\n"));
    if (health.status === "unhealthy") process.exitCode = 1;
  });
}

// Internal

const NAME_WIDTH = 10;

/** A server that is not ready answers with an error that names the parts that fail. */
function unready(error: unknown): Health {
  if (!(error instanceof ApiError) || error.code !== "OVERLOADED" || error.details.length === 0) throw error;
  const checks = error.details.map(({ field, problem }) => ({ name: field, ok: false, reason: problem, note: null }));
  return { status: "unhealthy", checks };
}

function line({ name, ok, reason, note }: Health["checks"][number], { colours }: Session): string {
  const mark = ok ? colours.green("✓") : colours.red("✗");
  return `${mark} ${name.padEnd(NAME_WIDTH)} ${reason ?? note ?? "ok"}`;
}
