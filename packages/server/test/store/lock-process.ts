// A process that takes a home's lock, says so, and keeps it; with a second argument it first becomes that user.
import { StoreError } from "../../src/store/errors.ts";
import { prepareHome } from "../../src/store/home.ts";
import { acquireHomeLock } from "../../src/store/home-lock.ts";

const [home, user] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  if (user !== undefined && process.geteuid?.() === 0) process.seteuid?.(Number(user));
  const lock = await acquireHomeLock(prepareHome(home));
  lock.announce({ url: "http://127.0.0.1:4321" });
  say("held");
  setInterval(() => {}, 1000);
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  say(`refused ${error.code}`);
}
