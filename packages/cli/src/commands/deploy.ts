// `massif deploy`: a model version behind an endpoint.
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import { predictLine } from "../example-row.ts";
import type { Session } from "../session.ts";
import { facts } from "../table.ts";

export function addDeploy(program: Command, session: Session): void {
  addCommand(program, "deploy <model>", {
    summary: "put a model version behind an endpoint, new or existing",
    examples: [
      ["massif deploy prices", "the newest version, on the endpoint `prices`"],
      ["massif deploy prices --version production --endpoint shop", "an alias, on another endpoint"],
    ],
  })
    .option("--version <version>", "a number or an alias; default: the newest version")
    .option("--endpoint <name>", "default: the model's name")
    .action(async (model: string, options: { version?: string; endpoint?: string }) => {
      const { client, url } = await connect(session);
      const endpoint = await client.deploy({
        params: { name: options.endpoint ?? model },
        body: { model, version: versionOrAlias(options.version) },
        signal: session.signal,
      });
      const address = new URL(endpoint.path, url).href;
      session.answer({ ...endpoint, url: address }, () =>
        [
          facts(
            [
              ["endpoint", session.colours.bold(endpoint.name)],
              ["model", `${endpoint.model} version ${endpoint.version}`],
              ["url", address],
            ],
            session,
          ),
          `next: ${predictLine(endpoint.name, endpoint.signature)}`,
        ].join("\n"),
      );
    });
}

// Internal

function versionOrAlias(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}
