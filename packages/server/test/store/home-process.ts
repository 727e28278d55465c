// A process that uses a home, for tests that kill it: `open HOME` says "open" and stays, `insert HOME` writes names
// and says each one after it was acknowledged, `die-at HOME N` kills itself at its Nth flush, `die-renamed HOME` at the
// first one after the new database has its name.
import { existsSync, fsyncSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../src/store/database.ts";
import { StoreError } from "../../src/store/errors.ts";
import { insertProject } from "../../src/store/projects.ts";

const [mode, home, argument] = process.argv.slice(2);
// Synchronous, so that a line is out before the process can be killed for it.
const say = (line: string) => writeSync(1, `${line}\n`);
let flushes = 0;
const sync = (fd: number) => {
  flushes++;
  if (mode === "die-at" && flushes === Number(argument)) process.kill(process.pid, "SIGKILL");
  if (mode === "die-renamed" && existsSync(join(home, "database"))) process.kill(process.pid, "SIGKILL");
  fsyncSync(fd);
};

try {
  const store = await openStore({ home, sync, maintenanceInterval: 0 });
  say(`open after ${flushes} flushes`);
  if (mode === "insert") {
    for (let i = 0; ; i++) {
      await insertProject(store.db, { name: `row ${i}` });
      say(`row ${i}`);
    }
  }
  if (mode === "die-at") {
    await store.close();
    say(`closed after ${flushes} flushes`);
  } else {
    store.announce({ url: "http://127.0.0.1:1" });
    say("announced");
    setInterval(() => {}, 1000);
  }
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  say(`refused ${error.code}: ${error.message}`);
}
