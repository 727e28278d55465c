// A group of one, without mpirun: every call is the identity, but goes through the thread and the library like any other.
// Where there is no MPI, the clear error is all there is to test.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { installHint, MpiError, openCommunicator } from "../src/index.ts";

/** A process can start MPI once, so each test has its own. */
function inProcess(body: string): unknown {
  const index = fileURLToPath(new URL("../dist/index.js", import.meta.url));
  const script = `
    import { openCommunicator } from ${JSON.stringify(index)};
    const say = (value) => process.stdout.write("result " + JSON.stringify(value) + "\\n");
    let c;
    try { c = await openCommunicator(); } catch (error) { say({ code: error.code }); process.exit(0); }
    ${body}
    await c.close();
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  const line = stdout.split("\n").find((text) => text.startsWith("result "));
  if (line === undefined) throw new Error(`the process said nothing: ${stderr}`);
  return JSON.parse(line.slice("result ".length));
}

const hasMpi = (inProcess("say({ code: null });") as { code: string | null }).code === null;

describe("a machine without the MPI library", () => {
  it("is told how to install one", async () => {
    const error = await openCommunicator({ library: "/nowhere/libmpi.so" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MpiError);
    expect(error).toMatchObject({ code: "MPI_MISSING" });
    expect((error as MpiError).message).toContain("/nowhere/libmpi.so");
    expect((error as MpiError).message).toContain(installHint());
  });

  it("is refused a library that is not MPI", async () => {
    const library = process.platform === "darwin" ? "libSystem.dylib" : "libm.so.6";
    const error = await openCommunicator({ library }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "MPI_MISSING" });
  });

  it("is given the command of its platform", () => {
    expect(installHint("linux")).toContain("apt-get install openmpi-bin");
    expect(installHint("darwin")).toContain("brew install open-mpi");
    expect(installHint("win32")).toContain("WSL");
  });
});

describe.runIf(hasMpi)("a group of one", () => {
  it("leaves numbers as they are, in plain arrays, in views and in memory that has grown", () => {
    const result = inProcess(`
      const plain = Float64Array.of(1, NaN, -0, 4);
      await c.allReduce(plain);
      const view = new Float64Array(new SharedArrayBuffer(80), 16, 3); view.set([5, 6, 7]);
      await c.broadcast(view);
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 100, shared: true });
      await c.allReduce(new Float64Array(memory.buffer, 0, 8));
      memory.grow(50);
      const grown = new Float64Array(memory.buffer, 0, 3_000_000 / 8); grown.fill(2);
      await c.allReduce(grown, "max");
      await c.allReduce(new Float64Array(0));
      await c.barrier();
      say({ plain: [...plain].map(String), zero: Object.is(plain[2], -0), view: [...view], grown: grown.every((x) => x === 2),
        rank: c.rank, size: c.size, version: c.version.length > 0, calls: c.cost.calls, seconds: c.cost.seconds > 0 });`);
    expect(result).toEqual({
      plain: ["1", "NaN", "0", "4"],
      zero: true,
      view: [5, 6, 7],
      grown: true,
      rank: 0,
      size: 1,
      version: true,
      calls: 6,
      seconds: true,
    });
  });

  it("does calls made at once one after the other, and lets the event loop live", () => {
    const result = inProcess(`
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      const arrays = Array.from({ length: 50 }, (_, i) => new Float64Array(1000).fill(i));
      const end = performance.now() + 300;
      while (performance.now() < end) await Promise.all(arrays.map((array) => c.allReduce(array)));
      clearInterval(timer);
      say({ right: arrays.every((array, i) => array.every((x) => x === i)), ticks: ticks > 3 });`);
    expect(result).toEqual({ right: true, ticks: true });
  });

  it("refuses a rank that it does not have, and calls after its end", () => {
    const result = inProcess(`
      let root = "";
      try { await c.broadcast(new Float64Array(1), 3); } catch (error) { root = error.message; }
      await c.close();
      const closed = await c.barrier().catch((error) => error.code);
      say({ root, closed });`);
    expect(result).toEqual({ root: "`root` of broadcast must be a rank from 0 to 0, got 3", closed: "MPI_FAILED" });
  });
});
