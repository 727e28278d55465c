// What estimators can do beyond predicting that learn how users like items: the items that one user would like most.
import { Estimator } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";

/** A name or number of a user or an item, as its column holds it. */
export type Id = string | number;

/** How to recommend. */
export interface RecommendOptions {
  /** Leave out what the user has in the training rows. Default true. */
  readonly excludeSeen?: boolean;
}

/** An item and how much it is expected to be liked, in the target's units or, for implicit feedback, from 0 to about 1. */
export interface Recommended {
  readonly item: Id;
  readonly score: number;
}

/** The best items for a user, best first; for a user that training did not know, those for users at large. */
export interface Recommendations {
  readonly known: boolean;
  readonly items: readonly Recommended[];
}

/** An estimator over a column of users and a column of items. */
export abstract class Recommender<T extends ParamTable = ParamTable> extends Estimator<T> {
  /** Names of the columns; throws NotFittedError before `fit`. */
  abstract get columns(): { readonly user: string; readonly item: string };
  /** At most `k` items; throws NotFittedError. */
  abstract recommend(user: Id, k: number, options?: RecommendOptions): Recommendations;
}
