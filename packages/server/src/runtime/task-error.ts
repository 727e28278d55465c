// How a task can end other than well. Both carry what the task used, because a failed task was paid for as well.
import type { TaskProblem, TaskUsage } from "./task-protocol.ts";

/** The task ran and could not do what it was asked; trying again would end the same way. */
export class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  readonly problem: TaskProblem;
  readonly usage: TaskUsage;

  constructor(problem: TaskProblem, usage: TaskUsage) {
    super(problem.message);
    this.problem = problem;
    this.usage = usage;
  }
}

/** How a task process came to its end without an answer. */
export type DeathKind = "killed" | "memory" | "crashed" | "timeout" | "cancelled" | "stopping";

/** The process ended without an answer; whether to try again is the caller's decision. */
export class TaskDied extends Error {
  override readonly name = "TaskDied";
  readonly kind: DeathKind;
  readonly usage: TaskUsage;

  constructor(kind: DeathKind, message: string, usage: TaskUsage) {
    super(message);
    this.kind = kind;
    this.usage = usage;
  }
}
