// The transformers as functions of an exported module, as source.

/** One function per kind of step. */
export const STEP_PARTS = {
  impute: {
    source: `function impute({ from, to, values, indicators }: { from: Uint32Array; to: Uint32Array; values: Float64Array; indicators: Uint32Array }): void {
  for (let i = 0; i < from.length; i++) {
    const value = frame[from[i]!]!;
    frame[to[i]!] = Number.isNaN(value) ? values[i]! : value;
  }
  for (let k = 0; k < indicators.length; k++) {
    frame[to[from.length + k]!] = Number.isNaN(frame[from[indicators[k]!]!]!) ? 1 : 0;
  }
}`,
  },
  oneHot: {
    source: `/** \`places\`: per column the output of each code, that of a missing value last; 4294967295 is none. */
function oneHot({ from, to, places }: { from: Uint32Array; to: Uint32Array; places: readonly Uint32Array[] }): void {
  for (let i = 0; i < to.length; i++) frame[to[i]!] = 0;
  for (let i = 0; i < from.length; i++) {
    const code = frame[from[i]!]!;
    const place = places[i]![Number.isNaN(code) ? places[i]!.length - 1 : code]!;
    if (place !== 4294967295) frame[place] = 1;
  }
}`,
  },
  ordinal: {
    source: `function ordinal({ from, to, ranks }: { from: Uint32Array; to: Uint32Array; ranks: readonly Float64Array[] }): void {
  for (let i = 0; i < from.length; i++) {
    const code = frame[from[i]!]!;
    frame[to[i]!] = ranks[i]![Number.isNaN(code) ? ranks[i]!.length - 1 : code]!;
  }
}`,
  },
  scale: {
    source: `function scale({ from, to, offset, scale }: { from: Uint32Array; to: Uint32Array; offset: Float64Array; scale: Float64Array }): void {
  for (let i = 0; i < from.length; i++) frame[to[i]!] = (frame[from[i]!]! - offset[i]!) / scale[i]!;
}`,
  },
  divide: {
    source: `function divide({ from, to, scale }: { from: Uint32Array; to: Uint32Array; scale: Float64Array }): void {
  for (let i = 0; i < from.length; i++) frame[to[i]!] = frame[from[i]!]! / scale[i]!;
}`,
  },
  scaleOnto: {
    source: `function scaleOnto({ from, to, offset, scale, min, max, clip }: { from: Uint32Array; to: Uint32Array; offset: Float64Array; scale: Float64Array; min: number; max: number; clip: boolean }): void {
  for (let i = 0; i < from.length; i++) {
    const mapped = ((frame[from[i]!]! - offset[i]!) / scale[i]!) * (max - min) + min;
    frame[to[i]!] = clip ? Math.min(Math.max(mapped, min), max) : mapped;
  }
}`,
  },
  bin: {
    source: `function bin({ from, to, cuts, oneHot }: { from: Uint32Array; to: Uint32Array; cuts: readonly Float64Array[]; oneHot: boolean }): void {
  for (let i = 0, next = 0; i < from.length; i++) {
    const own = cuts[i]!;
    const number = binOf(own, frame[from[i]!]!);
    if (!oneHot) frame[to[next++]!] = number;
    else for (let k = 0; k <= own.length; k++) frame[to[next++]!] = k === number ? 1 : 0;
  }
}

function binOf(cuts: Float64Array, value: number): number {
  if (Number.isNaN(value)) return Number.NaN;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}`,
  },
  copy: {
    source: `function copy({ from, to }: { from: Uint32Array; to: Uint32Array }): void {
  for (let i = 0; i < from.length; i++) frame[to[i]!] = frame[from[i]!]!;
}`,
  },
  project: {
    source: `function project({ from, to, means, components }: { from: Uint32Array; to: Uint32Array; means: Float64Array; components: Float64Array }): void {
  for (let k = 0; k < to.length; k++) {
    let sum = 0;
    for (let j = 0; j < from.length; j++) sum += components[k * from.length + j]! * (frame[from[j]!]! - means[j]!);
    frame[to[k]!] = sum;
  }
}`,
  },
  dateParts: {
    source: `const DAY = 86_400_000;

/** The parts of a date, in UTC; years begin on 1 March, so that the leap day is a year's last. */
const DATE_PARTS: Readonly<Record<string, (time: number) => number>> = {
  year: (time) => yearOf(Math.floor(time / DAY)),
  month: (time) => monthOf(dayOfYear(Math.floor(time / DAY))),
  day: (time) => dayOfMonth(dayOfYear(Math.floor(time / DAY))),
  weekday: (time) => modulo(Math.floor(time / DAY) + 4, 7),
  days: (time) => time / DAY,
  hour: (time) => Math.floor(modulo(time, DAY) / 3_600_000),
  "yearly sin": (time) => Math.sin(angle(time, 365.2425 * DAY, 0)),
  "yearly cos": (time) => Math.cos(angle(time, 365.2425 * DAY, 0)),
  "weekly sin": (time) => Math.sin(angle(time, 7 * DAY, 3 * DAY)),
  "weekly cos": (time) => Math.cos(angle(time, 7 * DAY, 3 * DAY)),
  "daily sin": (time) => Math.sin(angle(time, DAY, 0)),
  "daily cos": (time) => Math.cos(angle(time, DAY, 0)),
};

function dateParts({ from, to, parts }: { from: Uint32Array; to: Uint32Array; parts: readonly string[] }): void {
  for (let i = 0; i < from.length; i++) {
    const time = frame[from[i]!]!;
    for (let k = 0; k < parts.length; k++) frame[to[i * parts.length + k]!] = DATE_PARTS[parts[k]!]!(time);
  }
}

function angle(time: number, period: number, start: number): number {
  return (2 * Math.PI * modulo(time - start, period)) / period;
}

function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}

function yearOfEra(day: number): number {
  return Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
}

function dayOfYear(days: number): number {
  const day = modulo(days + 719_468, 146_097);
  const year = yearOfEra(day);
  return day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
}

function monthFromMarch(day: number): number {
  return Math.floor((5 * day + 2) / 153);
}

function monthOf(day: number): number {
  const month = monthFromMarch(day);
  return month < 10 ? month + 3 : month - 9;
}

function dayOfMonth(day: number): number {
  return day - Math.floor((153 * monthFromMarch(day) + 2) / 5) + 1;
}

function yearOf(days: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const january = monthOf(dayOfYear(days)) <= 2 ? 1 : 0;
  return yearOfEra(shifted - era * 146_097) + era * 400 + january;
}`,
  },
} as const;
