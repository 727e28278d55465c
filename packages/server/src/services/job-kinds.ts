// The kinds of work that outlive the process which accepted them, and how often each is tried.
import type { JobPolicy } from "../queue/queue.ts";

/** What each kind of job carries. */
export type JobKinds = {
  /** `keyId` is who asked, and pays. */
  import: { readonly projectId: string; readonly versionId: string; readonly keyId?: string };
  train: { readonly runId: string };
  /** Begins what a policy triggered. */
  retrain: { readonly retrainingId: string };
  /** Trials of a study, one after the other; the turn tells a lane's job from those before it. */
  trial: { readonly studyId: string; readonly lane: number; readonly turn: number };
};

/** A job whose process dies is tried again; its handler decides about everything else. */
export const JOB_POLICIES: { readonly [K in keyof JobKinds]: JobPolicy } = {
  import: { attempts: 3, backoffSeconds: 1 },
  train: { attempts: 3, backoffSeconds: 1 },
  // A few statements: what fails is the database, which comes back.
  retrain: { attempts: 20, backoffSeconds: 1 },
  // Trials count their own attempts; these are of the processes that hand them out.
  trial: { attempts: 8, backoffSeconds: 1 },
};
