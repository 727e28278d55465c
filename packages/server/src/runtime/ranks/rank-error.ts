// How a group of ranks ends other than well.
import type { TaskProblem } from "../task-protocol.ts";

/** The ranks could not be started, or one of them found that the training cannot be done. */
export class RankProblem extends Error {
  override readonly name = "RankProblem";
  readonly problem: TaskProblem;

  constructor(problem: TaskProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** The group fell apart in the middle of its work; another attempt may get through. */
export class RanksLost extends Error {
  override readonly name = "RanksLost";
}
