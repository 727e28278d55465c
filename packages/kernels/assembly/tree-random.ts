// PCG-XSH-RR 64/32 (O'Neill 2014, https://www.pcg-random.org): the stream of one tree.
import { TreeSlot } from "./tree-context";

/** Begins the stream: seeds of few bits are spread over the whole state, as the generator's authors do it. */
export function seedRandom(s: TreeSlot): void {
  const seed = s.random;
  s.random = 0;
  random32(s);
  s.random += seed;
  random32(s);
}

export function random32(s: TreeSlot): u32 {
  const state = s.random;
  s.random = state * 6364136223846793005 + (s.stream | 1);
  const xorshifted = <u32>(((state >> 18) ^ state) >> 27);
  return rotr<u32>(xorshifted, <u32>(state >> 59));
}

/** A number in [0, 1) of 32 bits. */
export function randomUnit(s: TreeSlot): f64 {
  return <f64>random32(s) / 4294967296.0;
}

/** A whole number in [0, bound); the bias of the multiplication is at most bound / 2^32. */
export function randomBelow(s: TreeSlot, bound: u32): u32 {
  return <u32>((<u64>random32(s) * bound) >> 32);
}
