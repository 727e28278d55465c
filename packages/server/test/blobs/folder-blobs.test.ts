import { createHash } from "node:crypto";
import { fstatSync, fsync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBlobs } from "../../src/blobs/folder-blobs.ts";
import { startChild } from "../child.ts";
import { smallDisk } from "../small-disk.ts";
import { temporaryFolder } from "../stores.ts";
import { describeBlobs } from "./blobs-conformance.ts";

describeBlobs("in a folder", async () => {
  const folder = temporaryFolder();
  return {
    blobs: await openBlobs(folder),
    damage: async (hash, content) => writeFileSync(join(folder, hash.slice(0, 2), hash), content),
    destroy: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

describe("blobs in a folder", () => {
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("flushes the content, then the folder with the new name, before a put resolves", async () => {
    const flushed: string[] = [];
    const sync = async (fd: number) => {
      flushed.push(fstatSync(fd).isDirectory() ? "folder" : "file");
      await promisify(fsync)(fd);
    };
    const blobs = await openBlobs(folder, { sync });
    await blobs.put(Buffer.from("x"));
    // The second folder is the parent of the shard, which is new here.
    expect(flushed).toEqual(["file", "folder", "folder"]);
    await blobs.put(Buffer.from("x"));
    expect(flushed.slice(3)).toEqual(["file", "folder"]);
  });

  it("keeps nothing when a flush fails", async () => {
    const sync = async () => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    };
    const blobs = await openBlobs(folder, { sync });
    await expect(blobs.put(Buffer.from("x"))).rejects.toMatchObject({ code: "DISK_FULL" });
    expect(readdirSync(folder)).toEqual(["tmp"]);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });

  it("keeps nothing on a disk that is full, and works again once there is room", async ({ skip }) => {
    const disk = smallDisk(200);
    if (disk === undefined) return skip("mounting a small disk needs root");
    try {
      const blobs = await openBlobs(join(disk.path, "blobs"));
      const small = await blobs.put(Buffer.alloc(50_000, 1));
      await expect(blobs.put(Buffer.alloc(500_000, 2))).rejects.toMatchObject({
        code: "DISK_FULL",
        message: expect.stringContaining("Free some space"),
      });
      expect(readdirSync(join(disk.path, "blobs", "tmp"))).toEqual([]);
      expect(await blobs.get(small.hash)).toHaveLength(50_000);
      await blobs.put(Buffer.alloc(60_000, 3));
    } finally {
      disk.remove();
    }
  });

  it("has whole blobs only, and no leftovers, after kill -9 in the middle of puts", async () => {
    const child = startChild(import.meta.url, "./put-process.ts", [folder]);
    await child.line(/^put 20 /);
    await child.kill();
    const blobs = await openBlobs(folder);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
    const listed = new Set<string>();
    for await (const { hash } of blobs.list()) {
      listed.add(hash);
      expect(
        createHash("sha256")
          .update(await blobs.get(hash))
          .digest("hex"),
      ).toBe(hash);
    }
    const acknowledged = child.lines.map((line) => line.split(" ")[2]);
    expect(acknowledged.filter((hash) => !listed.has(hash))).toEqual([]);
    expect(listed.size - acknowledged.length).toBeLessThanOrEqual(1);
  });

  it("leaves the unfinished files of others alone in a shared folder, unless they are a day old", async () => {
    await openBlobs(folder);
    const [young, old] = ["young", "old"].map((name) => join(folder, "tmp", name));
    writeFileSync(young, "");
    writeFileSync(old, "");
    const longAgo = Date.now() / 1000 - 2 * 86_400;
    utimesSync(old, longAgo, longAgo);
    await openBlobs(folder, { exclusive: false });
    expect(readdirSync(join(folder, "tmp"))).toEqual(["young"]);
  });

  it("cannot be opened where a file is in the way", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(openBlobs(file)).rejects.toMatchObject({ code: "ENOTDIR" });
  });
});
