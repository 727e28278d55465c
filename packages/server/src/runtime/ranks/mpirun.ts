// The command line of a launch: what Open MPI must be told so that ranks share cores politely and a lost host is noticed.
import { getuid } from "node:process";
import type { RankPlan } from "./rank-protocol.ts";

/** Seconds without an answer after which a host counts as lost: 4, then 3 probes 2 apart, where the default is 8 minutes. */
const KEEPALIVE = { oob_tcp_keepalive_time: 4, oob_tcp_keepalive_intvl: 2, oob_tcp_keepalive_probes: 3 };
/** A remote shell that neither waits for ever nor asks for a password. */
const SSH = "-o ConnectTimeout=10 -o BatchMode=yes";

/** The arguments of `mpirun` that start `command` on every rank. */
export function mpirunArgs({ count, hosts, launcher }: RankPlan, command: readonly string[]): string[] {
  const settings: Record<string, string | number> = {
    ...KEEPALIVE,
    // Ranks wait by polling; where they outnumber the cores, those that wait must make room for those that work.
    mpi_yield_when_idle: 1,
    orte_abort_on_non_zero_status: 1,
  };
  if (!launcher.args.includes("plm_rsh_agent")) settings.plm_rsh_args = SSH;
  return [
    ...(getuid?.() === 0 ? ["--allow-run-as-root"] : []),
    "--oversubscribe",
    ...["--bind-to", "none"],
    ...Object.entries(settings).flatMap(([name, value]) => ["--mca", name, String(value)]),
    ...launcher.args,
    ...["--host", hosts === null ? `localhost:${count}` : hosts.map(({ name, slots }) => `${name}:${slots}`).join(",")],
    ...["-np", String(count)],
    ...command,
  ];
}

/** How many ranks run on the machine that takes most: what memory is shared by. */
export function mostPerHost({ count, hosts }: Pick<RankPlan, "count" | "hosts">): number {
  return hosts === null ? count : Math.min(count, Math.max(...hosts.map(({ slots }) => slots)));
}
