// Two hosts on one machine: network namespaces joined by a bridge, each with its own host name, and a remote shell that
// enters them. Needs root and `ip netns`; says why where that is not allowed.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RankPlan } from "../../src/runtime/ranks/rank-protocol.ts";

/** Network namespaces that stand for hosts `h0` and `h1`. */
export class TwoHosts {
  readonly #prefix = `massif-${process.pid}`;
  readonly #agent: string;

  /** Makes them; throws what `ip` said where it may not. */
  constructor(folder: string) {
    this.#agent = join(folder, "agent.sh");
    const shell = `exec ip netns exec ${this.#prefix}-$host unshare --uts bash -c "hostname $host; $*"`;
    writeFileSync(this.#agent, `#!/bin/bash\nhost=$1; shift\n${shell}\n`);
    chmodSync(this.#agent, 0o755);
    const hub = `${this.#prefix}-hub`;
    ip("netns", "add", hub);
    ip("-n", hub, "link", "add", "br0", "type", "bridge");
    ip("-n", hub, "link", "set", "br0", "up");
    for (const [i, host] of ["h0", "h1"].entries()) this.#addHost(host, i, hub);
  }

  /** How ranks are spread over both. */
  plan(slots: number): RankPlan {
    const interfaces = ["--mca", "btl_tcp_if_include", "eth0", "--mca", "oob_tcp_if_include", "eth0"];
    const args = ["--mca", "plm_rsh_agent", this.#agent, ...interfaces];
    const hosts = ["h0", "h1"].map((name) => ({ name, slots }));
    return { count: 2 * slots, hosts, launcher: { mpirun: "mpirun", args } };
  }

  /** Starts a Node script on the first host. */
  run(script: string, ...args: string[]) {
    const command = [script, ...args].map((word) => `'${word}'`).join(" ");
    return spawn(this.#agent, ["h0", `exec '${process.execPath}' ${command}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  /** Cuts the second host off. */
  cut(): void {
    ip("-n", `${this.#prefix}-h1`, "link", "set", "eth0", "down");
  }

  destroy(): void {
    for (const name of ["h0", "h1", "hub"]) {
      rmSync(`/etc/netns/${this.#prefix}-${name}`, { recursive: true, force: true });
      try {
        ip("netns", "del", `${this.#prefix}-${name}`);
      } catch {
        // It was never made.
      }
    }
  }

  // Internal

  #addHost(host: string, i: number, hub: string): void {
    const name = `${this.#prefix}-${host}`;
    mkdirSync(`/etc/netns/${name}`, { recursive: true });
    writeFileSync(`/etc/netns/${name}/hosts`, "127.0.0.1 localhost\n10.77.0.1 h0\n10.77.0.2 h1\n");
    ip("netns", "add", name);
    ip("-n", hub, "link", "add", `v${i}`, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("-n", hub, "link", "set", `v${i}`, "master", "br0", "up");
    ip("-n", name, "addr", "add", `10.77.0.${i + 1}/24`, "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    ip("-n", name, "link", "set", "lo", "up");
  }
}

// Internal

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
