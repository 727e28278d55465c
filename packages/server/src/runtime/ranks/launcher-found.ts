// Whether this machine can start ranks at all: asked of the launcher itself, and not more often than once a minute.
import { execFile } from "node:child_process";

const ANSWER_MS = 3000;
const KEPT_MS = 60_000;

const found = new Map<string, { readonly at: number; readonly answer: Promise<boolean> }>();

/** Whether `mpirun` answers. */
export function launcherFound(mpirun: string): Promise<boolean> {
  const before = found.get(mpirun);
  if (before !== undefined && Date.now() - before.at < KEPT_MS) return before.answer;
  const answer = new Promise<boolean>((resolve) => {
    execFile(mpirun, ["--version"], { timeout: ANSWER_MS }, (error) => resolve(error === null));
  });
  found.set(mpirun, { at: Date.now(), answer });
  return answer;
}
