// What every blob store must do; each implementation's test runs it with its own way to make a store and to harm a
// blob behind its back.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BlobDamagedError, type BlobInfo, BlobMissingError, type Blobs } from "../../src/blobs/blobs.ts";

/** One store under test. */
export interface BlobsUnderTest {
  blobs: Blobs;
  /** Replaces the stored content of a blob, as a failing disk would. */
  damage(hash: string, content: Uint8Array): Promise<void>;
  destroy(): Promise<void>;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const text = (value: string) => new TextEncoder().encode(value);
const NOWHERE = "0".repeat(64);

/** Declares the tests for one implementation. */
export function describeBlobs(name: string, open: () => Promise<BlobsUnderTest>): void {
  describe(`the blob store ${name}`, () => {
    let test: BlobsUnderTest;
    let blobs: Blobs;

    beforeEach(async () => {
      test = await open();
      blobs = test.blobs;
    });

    afterEach(() => test.destroy());

    const all = async () => {
      const found: BlobInfo[] = [];
      for await (const info of blobs.list()) found.push(info);
      return found;
    };

    it("returns what was put, under the SHA-256 of its content", async () => {
      for (const content of [text(""), text("hello"), randomBytes(3_000_000)]) {
        const info = await blobs.put(content);
        expect(info).toEqual({ hash: sha256(content), bytes: content.byteLength });
        expect(Buffer.compare(await blobs.get(info.hash), content)).toBe(0);
        expect(Buffer.compare(await buffer(await blobs.read(info.hash)), content)).toBe(0);
        expect(Buffer.compare(readFileSync(await blobs.path(info.hash)), content)).toBe(0);
        expect(await blobs.has(info.hash)).toBe(true);
      }
    });

    it("takes bytes, streams, generators and files alike", async () => {
      const folder = mkdtempSync(join(tmpdir(), "massif-blob-"));
      const file = join(folder, "content");
      writeFileSync(file, "abcdef");
      async function* generate() {
        yield text("abc");
        yield text("def");
      }
      const hashes = [
        await blobs.put(text("abcdef")),
        await blobs.put(Readable.from([Buffer.from("ab"), Buffer.from("cdef")])),
        await blobs.put(generate()),
        await blobs.put({ file }),
      ];
      expect(new Set(hashes.map(({ hash }) => hash))).toEqual(new Set([sha256(text("abcdef"))]));
      expect(await all()).toEqual([{ hash: sha256(text("abcdef")), bytes: 6 }]);
      expect(readFileSync(file, "utf8")).toBe("abcdef");
      rmSync(folder, { recursive: true });
    });

    it("keeps one blob when the same content is put many times at once", async () => {
      const content = randomBytes(100_000);
      const made = await Promise.all(Array.from({ length: 8 }, () => blobs.put(content)));
      expect(new Set(made.map(({ hash }) => hash)).size).toBe(1);
      expect(await all()).toEqual([made[0]]);
    });

    it("keeps nothing of a source that fails", async () => {
      async function* broken() {
        yield text("half");
        throw new Error("the line went dead");
      }
      await expect(blobs.put(broken())).rejects.toThrow("the line went dead");
      await expect(blobs.put({ file: "/nowhere/at/all" })).rejects.toMatchObject({ code: "ENOENT" });
      expect(await all()).toEqual([]);
    });

    it("reports content that is not what the hash names, and mends it when the content is put again", async () => {
      const content = text("precious");
      const { hash } = await blobs.put(content);
      for (const harm of [text("prEcious"), text("prec"), text("")]) {
        await test.damage(hash, harm);
        await expect(blobs.get(hash)).rejects.toMatchObject({ name: "BlobDamagedError", hash });
        await expect(buffer(await blobs.read(hash))).rejects.toBeInstanceOf(BlobDamagedError);
        await expect(blobs.path(hash)).rejects.toBeInstanceOf(BlobDamagedError);
      }
      await blobs.put(content);
      expect(Buffer.from(await blobs.get(hash)).toString()).toBe("precious");
    });

    it("tells a blob that is missing from one that is damaged", async () => {
      expect(await blobs.has(NOWHERE)).toBe(false);
      await expect(blobs.get(NOWHERE)).rejects.toBeInstanceOf(BlobMissingError);
      await expect(blobs.read(NOWHERE)).rejects.toMatchObject({ hash: NOWHERE });
      await expect(blobs.path(NOWHERE)).rejects.toBeInstanceOf(BlobMissingError);
    });

    it("deletes once and lists what is left in order of hash", async () => {
      const made = await Promise.all(["a", "b", "c", "d"].map((value) => blobs.put(text(value))));
      expect(await blobs.delete(made[1].hash)).toBe(true);
      expect(await blobs.delete(made[1].hash)).toBe(false);
      const left = made.filter((_, i) => i !== 1).map(({ hash }) => hash);
      expect((await all()).map(({ hash }) => hash)).toEqual(left.sort());
    });

    it("refuses what is not a hash, above all paths out of its folder", async () => {
      for (const hash of [
        "",
        "../../etc/passwd",
        `../${"a".repeat(61)}`,
        "A".repeat(64),
        `${NOWHERE}\n`,
        "a".repeat(63),
      ]) {
        await expect(blobs.get(hash)).rejects.toMatchObject({ code: "MISUSE" });
        await expect(blobs.has(hash)).rejects.toMatchObject({ code: "MISUSE" });
        await expect(blobs.delete(hash)).rejects.toMatchObject({ code: "MISUSE" });
      }
    });

    it("lets a reader go in the middle of a blob", async () => {
      const { hash } = await blobs.put(randomBytes(2_000_000));
      const stream = await blobs.read(hash);
      for await (const chunk of stream) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(stream.destroyed).toBe(true);
    });
  });
}
