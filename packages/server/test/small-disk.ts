// A disk that is really full: a memory file system of a few kilobytes, which only root may mount.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { temporaryFolder } from "./stores.ts";

/** A mounted small disk. */
export interface SmallDisk {
  readonly path: string;
  resize(kilobytes: number): void;
  remove(): void;
}

/** Mounts a disk of some kilobytes, or returns undefined where this process may not. */
export function smallDisk(kilobytes: number): SmallDisk | undefined {
  if (process.platform !== "linux") return undefined;
  const path = temporaryFolder();
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path]);
  if (status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    resize: (size) => void spawnSync("mount", ["-o", `remount,size=${size}k`, path]),
    remove() {
      // Lazily: an engine that died of the full disk keeps its files open until the process ends.
      spawnSync("umount", ["-l", path]);
      rmSync(path, { recursive: true });
    },
  };
}
