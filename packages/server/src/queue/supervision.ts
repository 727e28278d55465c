// Gives the jobs of dead workers back. Only a process that has itself been in touch with the database for a while may
// call another one dead: right after an outage everybody's last sign of life is old, and nobody died.
import type { PgBoss } from "pg-boss";

/** Seconds between two looks, and the longest a look may take to count as being in touch. */
const LOOK_SECONDS = 5;
/** Longer than the time within which a living worker must be heard of, so that all were heard before anyone is judged. */
const STEADY_SECONDS = 17;

/** Looks after the queue's upkeep until it is stopped. */
export class Supervision {
  readonly #boss: PgBoss;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #steadySince: number | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(boss: PgBoss, onError: (error: unknown) => void) {
    this.#boss = boss;
    this.#onError = onError;
    this.#timer = setInterval(() => void this.#look(), LOOK_SECONDS * 1000);
    this.#timer.unref();
    void this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  // Internal

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#boss.getDb().executeSql("select 1");
      const now = performance.now();
      // A process that slept (a laptop's lid, a stopped container) has been out of touch, too.
      if (this.#steadySince === undefined || now - this.#lookedAt > 2 * LOOK_SECONDS * 1000) this.#steadySince = now;
      this.#lookedAt = now;
      if (now - this.#steadySince >= STEADY_SECONDS * 1000) await this.#boss.supervise();
    } catch (error) {
      this.#steadySince = undefined;
      this.#onError(error);
    } finally {
      this.#looking = false;
    }
  }
}
