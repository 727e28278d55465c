// `massif models`: the registry of model versions and their aliases.
import { basename } from "node:path";
import type { Model } from "@massif/api";
import type { Command } from "commander";
import { addCommand, addGroup, oneOf, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { bytes, moment } from "../figures.ts";
import { importModel } from "../import-model.ts";
import { findVersion } from "../model-version.ts";
import { writeWhole } from "../output-rows.ts";
import { registerRun, registrationText } from "../registration.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";
import { metricWords } from "../training-lines.ts";

export function addModels(program: Command, session: Session): void {
  const models = addGroup(program, "models", "register and list model versions");
  addList(models, session);
  addRegister(models, session);
  addImport(models, session);
  addExport(models, session);
  addAlias(models, session);
}

// Internal

function addList(models: Command, session: Session): void {
  addCommand(models, "list", {
    summary: "list all models with their versions",
    examples: [["massif models list", "newest versions first"]],
  }).action(async () => {
    const { client } = await connect(session);
    const all = await client.listModels({ signal: session.signal });
    session.answer(all, () => modelTable(all, session));
  });
}

function addRegister(models: Command, session: Session): void {
  addCommand(models, "register <run>", {
    summary: "register the model of a run as the next version",
    examples: [["massif models register run_01h8 --name prices --alias production", "version and alias in one step"]],
  })
    .requiredOption("--name <model>", "the model's name; a new name makes a new model")
    .option("--alias <alias>", "point this alias at the version")
    .action(async (run: string, { name, alias }: { name: string; alias?: string }) => {
      const { client } = await connect(session);
      const version = await registerRun(client, { name, run, alias }, session);
      session.answer(version, () => registrationText(version));
    });
}

function addImport(models: Command, session: Session): void {
  addCommand(models, "import <file>", {
    summary: "import an ONNX file as a model's next version",
    description:
      "Imports a model made elsewhere: reads what it takes and gives, tries it, and keeps it as the model's next " +
      "version. It is then deployed like any other and takes tensors (`predict --input`).",
    examples: [
      ["massif models import silero.onnx --name vad", "the next version of `vad`"],
      ["massif models import silero.onnx --name vad --alias production", "version and alias in one step"],
    ],
  })
    .option("--name <model>", "the model's name; default: made from the file's name")
    .option("--alias <alias>", "point this alias at the version")
    .action(async (file: string, { name, alias }: { name?: string; alias?: string }) => {
      const { client } = await connect(session);
      const version = await importModel(client, { file, name, alias }, session);
      session.answer(version, () => registrationText(version));
    });
}

function addExport(models: Command, session: Session): void {
  addCommand(models, "export <model>", {
    summary: "write a version as an ONNX file or a TypeScript module",
    description:
      "Writes a version as an ONNX file with one input per column: linear models, trees, forests and boosting with " +
      "imputers, encoders and scalers before them. Or as one TypeScript module without dependencies, with golden tests " +
      "beside it: these, naive Bayes and k-means, with bins, dates and components too. Others are refused by name.",
    examples: [
      ["massif models export prices@2 -o prices.onnx", "version 2"],
      ["massif models export prices --numbers double -o prices.onnx", "the newest, with numbers in double precision"],
      ["massif models export prices --format ts -o prices.ts", "a module, and prices.test.ts beside it"],
    ],
  })
    .requiredOption("-o, --out <file>", "where to write; complete or absent")
    .option("--format <format>", "onnx, ts", oneOf(["onnx", "ts"]), "onnx")
    .option(
      "--numbers <type>",
      "of ONNX: type of numbers at inputs and outputs: float, double",
      oneOf(["float", "double"]),
      "float",
    )
    .action(async (which: string, { out, format, numbers }: ExportOptions, command: Command) => {
      if (format === "ts" && !/\.[cm]?ts$/.test(out))
        command.error(`error: --out must end in .ts for a module, got ${out}`);
      const { client } = await connect(session);
      const { model: name, version } = await findVersion(client, which, session);
      const params = { name, version };
      const { signal } = session;
      const file = await client.exportModel({ params, query: { format, numbers }, signal });
      await writeWhole(out, file);
      const files = [out];
      if (format === "ts") {
        const query = { format: "ts-test", module: basename(out) } as const;
        files.push(out.replace(/\.([cm]?ts)$/, ".test.$1"));
        await writeWhole(files[1], await client.exportModel({ params, query, signal }));
      }
      session.answer(
        { out, bytes: file.length, files },
        () => `wrote ${name}@${version} to ${files.join(" and ")} (${bytes(file.length)})`,
      );
    });
}

interface ExportOptions {
  readonly out: string;
  readonly format: "onnx" | "ts";
  readonly numbers: "float" | "double";
}

function addAlias(models: Command, session: Session): void {
  addCommand(models, "alias <model> <alias> [version]", {
    summary: "point an alias at a version, or remove it",
    examples: [
      ["massif models alias prices production 3", "point it"],
      ["massif models alias prices production --remove", "remove it"],
    ],
  })
    .option("--remove", "remove the alias")
    .action(async (name: string, alias: string, version: string | undefined, options: { remove?: true }, command) => {
      if ((version === undefined) === (options.remove === undefined)) {
        command.error("error: give either a version or --remove");
      }
      const { client } = await connect(session);
      const params = { name, alias };
      const model =
        version === undefined
          ? await client.deleteAlias({ params, signal: session.signal })
          : await client.setAlias({ params, body: { version: versionOf(version, command) }, signal: session.signal });
      session.answer(model, () => modelTable([model], session));
    });
}

function versionOf(text: string, command: Command): number {
  try {
    return wholeNumber(1, Number.MAX_SAFE_INTEGER)(text);
  } catch {
    return command.error(`error: the version must be a whole number from 1, got ${text}`);
  }
}

function modelTable(models: readonly Model[], session: Session): string {
  return table(
    [
      { head: "model" },
      { head: "version", number: true },
      { head: "aliases" },
      { head: "estimator" },
      { head: "quality" },
      { head: "size", number: true },
      { head: "registered" },
    ],
    models.flatMap(({ name, versions }) =>
      [...versions]
        .sort((a, b) => b.version - a.version)
        .map((version) => [
          name,
          String(version.version),
          version.aliases.join(", "),
          version.estimator,
          metricWords(version.metrics).join("  "),
          bytes(version.bytes),
          moment(version.createdAt),
        ]),
    ),
    { session, none: "no models yet: `massif models register RUN --name NAME` makes the first" },
  );
}
