// Learning-rate schedules: how the step size changes from epoch to epoch, or within one from update to update.

export type Schedule = "constant" | "invscaling" | "step" | "exponential" | "cosine";

export interface ScheduleOptions {
  readonly schedule: Schedule;
  readonly learningRate: number;
  readonly power: number;
  readonly decay: number;
  readonly decayEvery: number;
  readonly epochs: number;
}

/** The learning rate of `epoch` (from 0); under `invscaling` kernels further divide by t^power at update t. */
export function epochRate(
  { schedule, learningRate, decay, decayEvery, epochs }: ScheduleOptions,
  epoch: number,
): number {
  switch (schedule) {
    case "step":
      return learningRate * decay ** Math.floor(epoch / decayEvery);
    case "exponential":
      return learningRate * decay ** epoch;
    case "cosine":
      // Loshchilov & Hutter 2017, without restarts.
      return learningRate * 0.5 * (1 + Math.cos((Math.PI * epoch) / epochs));
    default:
      return learningRate;
  }
}

/** The exponent that kernels apply to the number of updates made. */
export function updatePower({ schedule, power }: ScheduleOptions): number {
  return schedule === "invscaling" ? power : 0;
}
