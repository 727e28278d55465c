import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { homePaths, prepareHome } from "../../src/store/home.ts";
import { acquireHomeLock, readHomeOwner } from "../../src/store/home-lock.ts";
import { type Child, startChild } from "../child.ts";
import { temporaryFolder } from "../stores.ts";

let folder: string;
let children: Child[];

beforeEach(() => {
  folder = temporaryFolder();
  children = [];
});

afterEach(async () => {
  for (const child of children) await child.kill();
  rmSync(folder, { recursive: true, force: true });
});

function holder(home: string): Child {
  const child = startChild(import.meta.url, "./lock-process.ts", [home]);
  children.push(child);
  return child;
}

describe("the home lock", () => {
  it("is refused while another process holds it, and the refusal names that process", async () => {
    const first = holder(folder);
    await first.line(/^held/);
    await expect(acquireHomeLock(homePaths(folder))).rejects.toMatchObject({
      code: "HOME_LOCKED",
      message: expect.stringContaining(`process ${first.process.pid} (http://127.0.0.1:4321)`),
      detail: expect.objectContaining({ pid: first.process.pid }),
    });
    expect(first.process.exitCode).toBeNull();
  });

  it("is free at once after kill -9 of its holder", async () => {
    const first = holder(folder);
    await first.line(/^held/);
    await first.kill();
    const lock = await acquireHomeLock(homePaths(folder));
    expect(readHomeOwner(homePaths(folder))?.pid).toBe(process.pid);
    lock.release();
    expect(readHomeOwner(homePaths(folder))).toBeUndefined();
  });

  it("is refused to a second holder in the same process, whose first hold stays", async () => {
    const lock = await acquireHomeLock(homePaths(folder));
    await expect(acquireHomeLock(homePaths(folder))).rejects.toMatchObject({ code: "HOME_LOCKED" });
    const other = holder(folder);
    expect(await other.line(/^(held|refused)/)).toBe("refused HOME_LOCKED");
    lock.release();
    const again = await acquireHomeLock(homePaths(folder));
    again.release();
  });

  it("goes to exactly one of several processes that start at the same moment on a new home", async () => {
    const all = Array.from({ length: 4 }, () => holder(folder));
    const said = await Promise.all(all.map((child) => child.line(/^(held|refused)/)));
    expect(said.sort()).toEqual(["held", "refused HOME_LOCKED", "refused HOME_LOCKED", "refused HOME_LOCKED"]);
  });

  it("reports a damaged lock file instead of a holder that does not exist", async () => {
    writeFileSync(homePaths(folder).lock, "nonsense");
    await expect(acquireHomeLock(homePaths(folder))).rejects.toMatchObject({ code: "HOME_DAMAGED" });
  });

  it("still refuses when server.json is missing or nonsense", async () => {
    const first = holder(folder);
    await first.line(/^held/);
    writeFileSync(homePaths(folder).owner, "{");
    await expect(acquireHomeLock(homePaths(folder))).rejects.toMatchObject({
      code: "HOME_LOCKED",
      message: expect.stringContaining("another process"),
    });
  });
});

describe("the home folder", () => {
  it("is made with its parents, private to the user", () => {
    const paths = prepareHome(join(folder, "a", "b"));
    expect(paths.root).toBe(join(folder, "a", "b"));
  });

  it("is refused when it is a file", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => prepareHome(file)).toThrow(expect.objectContaining({ code: "HOME_NOT_A_FOLDER" }));
    expect(() => prepareHome(join(file, "below"))).toThrow(expect.objectContaining({ code: "HOME_NOT_A_FOLDER" }));
    expect(readFileSync(file, "utf8")).toBe("");
  });

  it("is refused when it cannot be made", () => {
    // Making a folder through it fails as on a read-only file system.
    symlinkSync(join(folder, "missing", "parent"), join(folder, "dangling"));
    expect(() => prepareHome(join(folder, "dangling"))).toThrow(expect.objectContaining({ code: "HOME_NOT_WRITABLE" }));
  });

  // Root may write everywhere, so the process gives its rights away first; elsewhere the mode alone refuses.
  it("is refused when it cannot be written", async () => {
    const home = join(folder, "home");
    mkdirSync(home, { mode: 0o500 });
    const child = startChild(import.meta.url, "./lock-process.ts", [home, "65534"]);
    children.push(child);
    expect(await child.line(/^(held|refused)/)).toBe("refused HOME_NOT_WRITABLE");
  });
});
