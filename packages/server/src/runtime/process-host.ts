// A child process as the host of a model: what runs in it may crash, leak or abort without harm to the gateway, and it
// has a memory limit that covers native memory too. It ends itself within a second when the server is gone.
import { fork } from "node:child_process";
import type { FromHost, StartHost } from "./host-protocol.ts";
import { MEMORY_SIGNAL } from "./task-protocol.ts";

/** Enough of the end of a crash report to say why. */
const STDERR_BYTES = 4000;

/** Starts hosts from the built file `entry`, which calls `hostModel`; `memoryMb` limits resident memory. */
export function processHost(entry: string, { memoryMb }: { readonly memoryMb: number }): StartHost {
  return ({ hear, ended }) => {
    const child = fork(entry, [String(process.pid), String(memoryMb)], {
      execArgv: [`--max-old-space-size=${memoryMb}`],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let stderr = "";
    let over = false;
    const end = (why: string) => {
      if (over) return;
      over = true;
      ended(why);
    };
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-STDERR_BYTES);
    });
    child.on("message", (message: FromHost) => hear(message));
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => end(wordsOf({ code, signal, stderr, memoryMb })));
    return {
      name: `process ${child.pid}`,
      // A process that just died has no channel any more; its end is reported by "close".
      send: (message) => void (child.connected && child.send(message, () => undefined)),
      kill: () => void child.kill("SIGKILL"),
      unref: () => {
        child.unref();
        child.channel?.unref();
        // A pipe has no `unref` in the types of a plain stream, but a child's is a socket.
        (child.stderr as unknown as { unref?(): void } | null)?.unref?.();
      },
    };
  };
}

// Internal

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly memoryMb: number;
}

function wordsOf({ code, signal, stderr, memoryMb }: End): string {
  if (signal === MEMORY_SIGNAL) return `it needed more memory than its limit of ${memoryMb} MB`;
  if (signal !== null) return `signal ${signal}`;
  const line = stderr.split("\n").filter((text) => /^(?:Uncaught )?[A-Z]\w*(?: \[\w+\])?: /.test(text));
  return `exit code ${code}${line.length === 0 ? "" : `: ${line.at(-1)?.slice(0, 300)}`}`;
}
