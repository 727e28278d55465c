// `massif deploy`: a model version behind an endpoint.
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { predictLine } from "../example-row.ts";
import { addServingOptions, type ServingOptions, servingPolicy } from "../serving-options.ts";
import { variantWords } from "../serving-view.ts";
import type { Session } from "../session.ts";
import { facts } from "../table.ts";

export function addDeploy(program: Command, session: Session): void {
  const command = addCommand(program, "deploy <model>", {
    summary: "put a model version behind an endpoint, new or existing",
    examples: [
      ["massif deploy prices", "the newest version, on the endpoint `prices`"],
      ["massif deploy prices --version production --endpoint shop", "an alias, on another endpoint"],
      ["massif deploy prices@2 --endpoint shop --weight 10", "a canary: a tenth of the traffic"],
      ["massif deploy prices --min 0 --max 4", "replicas follow the load, down to none"],
    ],
  })
    .option("--version <version>", "a number or an alias; default: the newest version")
    .option("--endpoint <name>", "default: the model's name")
    .option(
      "--weight <percent>",
      "share of the traffic; the variants that are there keep the rest",
      wholeNumber(1, 100),
    );
  addServingOptions(command).action(async (named: string, options: DeployOptions) => {
    const { client, url } = await connect(session);
    const [model, ...version] = named.split("@");
    const endpoint = await client.deploy({
      params: { name: options.endpoint ?? model },
      body: {
        model,
        version: versionOrAlias(options.version ?? (version.length > 0 ? version.join("@") : undefined)),
        weight: options.weight,
        policy: servingPolicy(options),
      },
      signal: session.signal,
    });
    const address = new URL(endpoint.path, url).href;
    session.answer({ ...endpoint, url: address }, () =>
      [
        facts(
          [
            ["endpoint", session.colours.bold(endpoint.name)],
            endpoint.variants.length === 1
              ? ["model", `${endpoint.model} version ${endpoint.version}`]
              : ["traffic", variantWords(endpoint.variants)],
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

interface DeployOptions extends ServingOptions {
  readonly version?: string;
  readonly endpoint?: string;
  readonly weight?: number;
}

function versionOrAlias(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}
