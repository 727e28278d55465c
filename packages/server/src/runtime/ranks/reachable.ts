// Whether hosts can be reached, asked before a launch: mpirun would wait for minutes and name none of them.
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { RankProblem } from "./rank-error.ts";
import type { RankPlan } from "./rank-protocol.ts";

const SSH_PORT = 22;
const CONNECT_MS = 5000;

/** Throws RankProblem HOST_UNREACHABLE naming the first host that has no address or answers no ssh. */
export async function checkReachable({ hosts, launcher }: RankPlan): Promise<void> {
  // Another remote shell may not need ssh at all.
  const usesSsh = !launcher.args.includes("plm_rsh_agent");
  for (const { name } of hosts ?? []) {
    try {
      const { address } = await lookup(name);
      if (usesSsh && !address.startsWith("127.") && address !== "::1") await knock(address);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why =
        code === "ENOTFOUND" || code === "EAI_AGAIN"
          ? "its name has no address"
          : `nothing answers on its ssh port ${SSH_PORT} (${code})`;
      const cure = "correct the hosts file, or start the machine; ranks are started through ssh without a password";
      throw new RankProblem({
        code: "HOST_UNREACHABLE",
        message: `the host "${name}" cannot be reached: ${why}; ${cure}`,
        field: "hosts",
      });
    }
  }
}

// Internal

function knock(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: SSH_PORT, timeout: CONNECT_MS });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("timeout", () => socket.destroy(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" })));
    socket.once("error", reject);
  });
}
