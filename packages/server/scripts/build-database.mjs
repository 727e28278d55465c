// Makes dist/database-template.tar.gz: an empty database with all tables, from which a first start copies. Making a
// database anew takes seconds of WebAssembly at every first start; here it is done once per build. Skipped when
// nothing that goes into it has changed. Plain JavaScript over `dist`, because it is a step of the build.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";

const server = path.join(import.meta.dirname, "..");
const template = path.join(server, "dist", "database-template.tar.gz");
const mark = path.join(server, "dist", ".database-template-hash");

const hash = hashOfInputs();
if (!existsSync(template) || !existsSync(mark) || readFileSync(mark, "utf8") !== hash) {
  rmSync(template, { force: true });
  const bytes = await make();
  writeFileSync(`${template}.tmp`, bytes);
  renameSync(`${template}.tmp`, template);
  writeFileSync(mark, hash);
}

async function make() {
  const { openStore } = await import("../dist/store/database.js");
  const { openQueue } = await import("../dist/queue/boss-queue.js");
  const folder = mkdtempSync(path.join(tmpdir(), "massif-template-"));
  try {
    const store = await openStore({ home: path.join(folder, "home"), maintenanceInterval: 0 });
    const queue = openQueue(store, { kinds: {} });
    await queue.start();
    await queue.stop();
    await store.close();
    const pglite = await PGlite.create(path.join(folder, "home", "database"));
    const dump = await pglite.dumpDataDir("gzip");
    await pglite.close();
    return Buffer.from(await dump.arrayBuffer());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hashOfInputs() {
  const inputs = [path.join(server, "package.json"), import.meta.filename];
  const migrations = path.join(server, "dist", "store", "migrations");
  for (const name of readdirSync(migrations).sort()) inputs.push(path.join(migrations, name));
  const sum = createHash("sha256");
  for (const file of inputs) sum.update(readFileSync(file));
  return sum.digest("hex");
}
