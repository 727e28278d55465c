// When a run is over.
import type { Run } from "@massif/api";

/** True for a status that no longer changes. */
export function isOver(status: Run["status"]): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}
