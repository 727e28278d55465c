// A folder for what need not outlive the process. One per process; those of dead processes are removed. A shared home
// holds those of other machines too, of whose processes nothing is known here.
import { mkdir, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Makes this process's folder under `home`, removing what earlier processes left. */
export async function openScratch(home: string): Promise<{ path: string; close(): Promise<void> }> {
  const root = join(home, "scratch");
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const name of await readdir(root)) {
    const [pid, host] = [name.slice(0, name.indexOf("@")), name.slice(name.indexOf("@") + 1)];
    if (host === hostname() && !isAlive(Number(pid))) await rm(join(root, name), { recursive: true, force: true });
  }
  const path = join(root, `${process.pid}@${hostname()}`);
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
