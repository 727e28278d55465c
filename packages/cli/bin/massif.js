#!/usr/bin/env node
// Starts the built command line, or says in one line why it cannot. Plain JavaScript, since it runs before any build.
import { existsSync } from "node:fs";
import process from "node:process";

const main = new URL("../dist/main.js", import.meta.url);
const major = Number(process.versions.node.split(".")[0]);

if (major < 20) {
  process.stderr.write(`error: Massif needs Node 20.20 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 3;
} else if (!existsSync(main)) {
  process.stderr.write("error: Massif is not built yet\nRun `npm run build` in the project's folder first.\n");
  process.exitCode = 3;
} else {
  const { main: run } = await import(main.href);
  await run(process.argv);
}
