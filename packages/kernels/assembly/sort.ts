// Sorting of number columns: least significant digit first over 8-bit digits of keys whose unsigned order is the order
// of the numbers (Herf 2001, Radix Tricks). Passes in which all digits are equal are left out.

const DIGITS: u32 = 8;
const COUNT_BYTES: usize = 8 * 256 * 4;

/**
 * Sorts columns [begin, end) of `count` f64 each, which lie one after the other; NaN goes last. `work` holds
 * count × 8 + 8192 bytes per column.
 */
export function sortColumns(columns: usize, count: u32, work: usize, begin: u32, end: u32): void {
  const bytes = (<usize>count) << 3;
  for (let k = begin; k < end; k++) {
    sortColumn(columns + <usize>k * bytes, count, work + <usize>k * (bytes + COUNT_BYTES));
  }
}

// Internal

function sortColumn(column: usize, count: u32, counts: usize): void {
  memory.fill(counts, 0, COUNT_BYTES);
  countDigits(column, count, counts);
  let from = column;
  let to = counts + COUNT_BYTES;
  for (let digit: u32 = 0; digit < DIGITS; digit++) {
    const starts = counts + ((<usize>digit) << 10);
    if (!placeStarts(starts, count)) continue;
    scatter(from, to, count, starts, digit << 3);
    const kept = from;
    from = to;
    to = kept;
  }
  restore(from, column, count);
}

/** Turns numbers into keys in place: all bits of negatives flipped, the sign bit of others, NaN as the largest. */
function countDigits(column: usize, count: u32, counts: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = column + ((<usize>i) << 3);
    const x = load<f64>(at);
    const bits = reinterpret<u64>(x);
    const mask = <u64>(<i64>bits >> 63) | 0x8000000000000000;
    const key = x == x ? bits ^ mask : u64.MAX_VALUE;
    store<u64>(at, key);
    for (let digit: u32 = 0; digit < DIGITS; digit++) {
      const entry = counts + ((<usize>digit) << 10) + ((<usize>((key >> (digit << 3)) & 255)) << 2);
      store<u32>(entry, load<u32>(entry) + 1);
    }
  }
}

/** Counts to starting places; false when one digit is that of all numbers. */
function placeStarts(starts: usize, count: u32): bool {
  let sum: u32 = 0;
  for (let value: usize = 0; value < 256; value++) {
    const entry = starts + (value << 2);
    const own = load<u32>(entry);
    if (own == count) return false;
    store<u32>(entry, sum);
    sum += own;
  }
  return true;
}

function scatter(from: usize, to: usize, count: u32, starts: usize, shift: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(from + ((<usize>i) << 3));
    const entry = starts + ((<usize>((key >> shift) & 255)) << 2);
    const place = load<u32>(entry);
    store<u32>(entry, place + 1);
    store<u64>(to + ((<usize>place) << 3), key);
  }
}

function restore(from: usize, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(from + ((<usize>i) << 3));
    const mask = <u64>(<i64>~key >> 63) | 0x8000000000000000;
    store<u64>(to + ((<usize>i) << 3), key == u64.MAX_VALUE ? 0x7ff8000000000000 : key ^ mask);
  }
}
