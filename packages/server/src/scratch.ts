// A folder for what need not outlive the process. One per process; those of dead processes are removed.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Makes this process's folder under `home`, removing what earlier processes left. */
export async function openScratch(home: string): Promise<{ path: string; close(): Promise<void> }> {
  const root = join(home, "scratch");
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const name of await readdir(root)) {
    if (!isAlive(Number(name))) await rm(join(root, name), { recursive: true, force: true });
  }
  const path = join(root, String(process.pid));
  await mkdir(path, { recursive: true, mode: 0o700 });
  return { path, close: () => rm(path, { recursive: true, force: true }) };
}

// Internal

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
