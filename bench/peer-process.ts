// A peer library kept alive in one Python process per thread count, asked for one piece of work at a time over JSON
// lines. Its environment is made on first use in `bench/peers/.venv` from `bench/peers/requirements.txt`.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Measured } from "./case.ts";

const FOLDER = path.join(import.meta.dirname, "peers");

export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(threads: number) {
    const count = String(threads);
    // Spinning OpenMP threads collapse on a shared machine and would flatter us (FINDINGS: 21.9 s once for XGBoost).
    const env = {
      ...process.env,
      OMP_NUM_THREADS: count,
      OPENBLAS_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
      OMP_WAIT_POLICY: "passive",
      PYTHONWARNINGS: "ignore",
    };
    this.#child = spawn(python(), [path.join(FOLDER, "serve.py"), count], { env, stdio: ["pipe", "pipe", "inherit"] });
    this.#reader = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async run(name: string, input: Readonly<Record<string, unknown>>): Promise<Measured & { version: string }> {
    this.#child.stdin!.write(`${JSON.stringify({ case: name, input })}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`the peer process ended while running ${name}`);
    const answer = JSON.parse(line.value) as Measured & { version: string; error?: string };
    if (answer.error !== undefined) throw new Error(`the peer failed at ${name}: ${answer.error}`);
    return answer;
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }
}

/** The interpreter that has the peers; makes its environment on first use. */
export function python(): string {
  const given = process.env.MASSIF_PEERS_PYTHON;
  if (given !== undefined) return given;
  const bin = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const made = path.join(FOLDER, ".venv", ...bin);
  if (!existsSync(made)) prepare(made);
  return made;
}

// Internal

function prepare(made: string): void {
  process.stderr.write("preparing the peers' Python environment (once) ...\n");
  const base = process.platform === "win32" ? "python" : "python3";
  for (const [command, args] of [
    [base, ["-m", "venv", path.join(FOLDER, ".venv")]],
    [made, ["-m", "pip", "install", "--quiet", "-r", path.join(FOLDER, "requirements.txt")]],
  ] as const) {
    const { status } = spawnSync(command, args, { stdio: "inherit" });
    if (status !== 0)
      throw new Error(`\`${command} ${args.join(" ")}\` failed: benchmarks against peers need Python 3`);
  }
}
