// A temporary folder per test file, and the real data sets of the repository.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";

/** Path of a data set that ships with the repository. */
export function example(name: string): string {
  return fileURLToPath(new URL(`../../../examples/data/${name}`, import.meta.url));
}

/** A folder that exists while the tests of one file run. */
export function useFolder(): {
  path(name: string): string;
  write(name: string, content: string | Buffer): Promise<string>;
} {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "massif-data-test-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  return {
    path,
    async write(name, content) {
      await writeFile(path(name), content);
      return path(name);
    },
  };
}
