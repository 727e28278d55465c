// A process that starts a task process which never yields, as inside one long WebAssembly call.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const busy = fork(fileURLToPath(new URL("./busy-task.mjs", import.meta.url)), [String(process.pid), "4000"], {
  stdio: ["ignore", "inherit", "inherit", "ipc"],
});
busy.on("message", () => process.stdout.write(`busy ${busy.pid}\n`));
