// What a benchmark is: the same work done by us and by a peer, in turn, on the same data, in one call.

/** One timed piece of work. `seconds` leaves out loading the data. */
export interface Measured {
  readonly seconds: number;
  /** What came out (MSE, R², AUC, accuracy …), so that speed bought with quality shows. */
  readonly quality: number;
}

export interface Prepared {
  /** Does our side once on `threads` threads. */
  ours(threads: number): Promise<Measured>;
  /** Handed to the peer's function of the same name as the case in `bench/peers/serve.py`. */
  readonly peerInput: Readonly<Record<string, unknown>>;
}

export interface BenchCase {
  /** `logistic-lbfgs`; also the name of the peer's function with `_` for `-`. */
  readonly name: string;
  readonly title: string;
  /** `scikit-learn`, `xgboost`, `lightgbm`. */
  readonly peer: string;
  /** Ratio of medians, ours / peer, that we want to stay below. */
  readonly target: number;
  /** Seconds of ours that we want to stay below as well; absent: only the ratio counts. */
  readonly mostSeconds?: number;
  /** The name of the quality figure. */
  readonly quality: string;
  /** Rounds of ours and peer in turn. */
  readonly rounds: number;
  /** `cache` is a folder for generated data. */
  prepare(cache: string): Promise<Prepared>;
}

export interface BenchRow {
  readonly case: string;
  readonly threads: number;
  readonly peer: string;
  readonly peerVersion: string;
  readonly oursSeconds: number;
  readonly peerSeconds: number;
  readonly ratio: number;
  readonly target: number;
  readonly mostSeconds?: number;
  readonly oursQuality: number;
  readonly peerQuality: number;
}
