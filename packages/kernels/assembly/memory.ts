// Where the module's constants end: the allocator must hand out nothing below.

/** First byte after the data segments. */
export function heapBase(): usize {
  return __heap_base;
}

/** Writes `value` to the f64s of [begin, end). */
export function fillF64(out: usize, value: f64, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f64>(out + ((<usize>i) << 3), value);
}
