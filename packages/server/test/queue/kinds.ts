// The kinds of jobs that the tests of the queue use.
import type { JobPolicy } from "../../src/queue/queue.ts";

/** What each test job carries. */
export type TestJobs = { task: { name: string }; other: { n: number } };

/** Two attempts for a task, one for the other; short waits. */
export const KINDS: { readonly [Kind in keyof TestJobs]: JobPolicy } = {
  task: { attempts: 2, backoffSeconds: 1 },
  other: { attempts: 1, backoffSeconds: 1 },
};
