// What a sampler finds in a budget, for each of some seeds.
import { type SamplerSpec, Study } from "../src/index.ts";
import type { Problem } from "./functions.ts";

/** The best value of 80 trials, one after the other, for seeds 0, 1, ... */
export function bestValues({ space, value }: Problem, sampler: SamplerSpec, seeds: number, budget = 80): number[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const study = new Study({ space, sampler, seed });
    for (let i = 0; i < budget; i++) {
      const { number, params } = study.ask()!;
      study.tell(number, { value: value(params) });
    }
    return study.best!.value!;
  });
}
