// `massif doctor`: whether this machine and the server are fit, with a cure for each thing that is not.
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import { type Check, localChecks, serverChecks } from "../health-checks.ts";
import { DEFAULT_PORT } from "../server-host.ts";
import type { Session } from "../session.ts";

export function addDoctor(program: Command, session: Session): void {
  addCommand(program, "doctor", {
    summary: "check this machine and the server, with cures",
    description: "Checks Node, the processor's features, the home folder, disk space, the port and the server.",
    examples: [
      ["massif doctor", "every check in one line; exit code 1 when one fails"],
      ["massif doctor --url http://host:7331 --key KEY", "another server"],
    ],
  })
    .option("--port <n>", "the port that `massif up` would use", wholeNumber(1, 65_535), DEFAULT_PORT)
    .action(async ({ port }: { port: number }) => {
      const checks = [...(await localChecks(session, port)), ...(await serverChecks(session))];
      session.answer({ ok: !checks.some(failed), checks }, () =>
        checks.map((check) => line(check, session)).join("\n"),
      );
      if (checks.some(failed)) process.exitCode = 1;
    });
}

// Internal

function failed({ state }: Check): boolean {
  return state === "failed";
}

function line({ name, state, finding, cure }: Check, { colours }: Session): string {
  const mark = { ok: colours.green("✓"), note: colours.yellow("!"), failed: colours.red("✗") }[state];
  const first = `${mark} ${name.padEnd(NAME_WIDTH)} ${finding}`;
  return cure === undefined ? first : `${first}\n  ${" ".repeat(NAME_WIDTH)} ${colours.bold("→")} ${cure}`;
}

const NAME_WIDTH = 14;
