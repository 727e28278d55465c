// Looks for policies whose time has come, as long as the server runs. Any number of servers may look at once.
import type { Means } from "./means.ts";
import { triggerByTime } from "./retraining.ts";

/** Times are told to the minute; this is how late one may be noticed. */
const LOOK_MS = 5000;

/** Triggers policies by their schedules. */
export class PolicyClock {
  readonly #means: Pick<Means, "store" | "queue" | "clock" | "log">;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(means: Pick<Means, "store" | "queue" | "clock" | "log">) {
    this.#means = means;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  // Internal

  async #look(): Promise<void> {
    try {
      await triggerByTime(this.#means);
    } catch (error) {
      this.#means.log.warn({ err: error }, "the schedules of policies could not be looked at; they are again soon");
    }
  }
}
