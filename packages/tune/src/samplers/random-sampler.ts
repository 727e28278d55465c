// Uniform random search (Bergstra & Bengio 2012): each parameter drawn for itself on its own scale.
import type { Params } from "../space/parameter.ts";
import { drawUniform } from "../space/space.ts";
import type { Sampler, SamplerContext } from "./sampler.ts";

/** Draws every parameter uniformly on its scale; trials teach it nothing. */
export class RandomSampler implements Sampler {
  suggest({ space, random }: SamplerContext): Params {
    return space.complete({}, (dimension) => drawUniform(dimension, random));
  }
}
