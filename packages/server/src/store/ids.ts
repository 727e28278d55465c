// Sortable ids: a prefix that says what it names, then a ULID (48 bits of milliseconds, 80 random bits, Crockford's
// base32). Text order is creation order to the millisecond; within one process it is strict.
import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

/** What each kind of id begins with. */
export type IdPrefix =
  | "prj"
  | "key"
  | "ds"
  | "dsv"
  | "cmp"
  | "run"
  | "mdl"
  | "mdv"
  | "end"
  | "dep"
  | "use"
  | "aud"
  | "prc"
  | "std"
  | "msr"
  | "pol"
  | "rtr";

let lastTime = 0;
let lastRandom: number[] = [];

/** A new id such as `run_01JC3Z…`; `now` in milliseconds since 1970. */
export function newId(prefix: IdPrefix, now: number = Date.now()): string {
  // A clock that stands still or steps back continues the last id, so that order within the process holds.
  if (now > lastTime) {
    lastTime = now;
    lastRandom = Array.from(randomBytes(RANDOM_LENGTH), (byte) => byte & 31);
    lastRandom[0] &= 15; // head-room, so that counting up never overflows
  } else {
    increment(lastRandom);
  }
  return `${prefix}_${encodeTime(lastTime)}${lastRandom.map((digit) => ALPHABET[digit]).join("")}`;
}

/** The moment (milliseconds since 1970) at which an id was made, or undefined when it is not such an id. */
export function idTime(id: string): number | undefined {
  const text = id.slice(id.indexOf("_") + 1);
  if (text.length !== TIME_LENGTH + RANDOM_LENGTH) return undefined;
  let time = 0;
  for (const character of text.slice(0, TIME_LENGTH)) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    time = time * 32 + digit;
  }
  return time;
}

function encodeTime(time: number): string {
  let text = "";
  for (let rest = time, i = 0; i < TIME_LENGTH; i++, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text;
  return text;
}

function increment(digits: number[]): void {
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits[i] < 31) {
      digits[i]++;
      return;
    }
    digits[i] = 0;
  }
}
