// A request that is not taken, or was waited for too long.
import { ReplicaUnavailable } from "../replica.ts";

/** Says why, and after how many seconds a retry makes sense. */
export class QueueRefused extends ReplicaUnavailable {
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}
