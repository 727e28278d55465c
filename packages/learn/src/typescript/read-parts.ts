// From a row to numbers in the module's frame: the readers, errors and decoders of an exported module, as source.

/** `read`, which every module holds; the reader of each kind of column; decoders of long arrays. */
export const READ_PARTS = {
  read: {
    source: `function read(row: object): void {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new InputError("row", \`a row must be an object of named values, got \${show(row)}\`);
  }
  const values = row as Readonly<Record<string, unknown>>;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const value = values[column.name];
    frame[i] = value === null || value === undefined ? Number.NaN : column.read(value, column.name);
  }
}

function noAnswer(): InputError {
  const missing = columns.filter((_, i) => Number.isNaN(frame[i]!)).map(({ name }) => name);
  const what = missing.join(", ") || "a value";
  return new InputError(
    missing[0] ?? "row",
    \`the model has no answer when \${what} is missing; give a value, or train with a SimpleImputer step\`,
  );
}

function wrong(name: string, must: string, value: unknown): InputError {
  return new InputError(name, \`"\${name}" must be \${must}, got \${show(value)}\`);
}

function show(value: unknown): string {
  const text = typeof value === "object" || typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? \`\${text.slice(0, 80)}…\` : text;
}`,
  },
  isAnyMissing: {
    source: `function isAnyMissing(slots: Uint32Array): boolean {
  for (let i = 0; i < slots.length; i++) if (Number.isNaN(frame[slots[i]!]!)) return true;
  return false;
}`,
  },
  readNumber: {
    source: `function readNumber(value: unknown, name: string): number {
  if (typeof value === "number" && Math.abs(value) !== Number.POSITIVE_INFINITY) return value;
  throw wrong(name, "a finite number", value);
}`,
  },
  readCategory: {
    source: `/** The code of each category; another one counts as missing. */
function readCategory(categories: readonly string[]): (value: unknown, name: string) => number {
  const codes = new Map(categories.map((category, code) => [category, code]));
  return (value, name) => {
    if (typeof value === "object") throw wrong(name, "a text", value);
    return codes.get(String(value)) ?? Number.NaN;
  };
}`,
  },
  readDate: {
    source: `const ISO_DATE = /^(\\d{4}-\\d\\d-\\d\\d)(?:[T ](\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)(Z|[+-]\\d\\d:\\d\\d)?)?$/;

/** Milliseconds since 1970; a time without a zone is UTC. */
function readDate(value: unknown, name: string): number {
  const time = typeof value === "string" ? parseDate(value) : value instanceof Date ? value.getTime() : value;
  if (typeof time === "number" && Number.isFinite(time)) return time;
  throw wrong(name, "an ISO 8601 date", value);
}

function parseDate(text: string): number {
  const found = ISO_DATE.exec(text);
  if (found === null) return Number.NaN;
  const [, date, time, zone] = found;
  return time === undefined ? Date.parse(date!) : Date.parse(\`\${date}T\${time}\${zone ?? "Z"}\`);
}`,
  },
  f64: {
    needs: ["bytes"],
    source: `function f64(text: string): Float64Array {
  return new Float64Array(bytes(text).buffer as ArrayBuffer);
}`,
  },
  u32: {
    needs: ["bytes"],
    source: `function u32(text: string): Uint32Array {
  return new Uint32Array(bytes(text).buffer as ArrayBuffer);
}`,
  },
  u8: {
    needs: ["bytes"],
    source: `function u8(text: string): Uint8Array {
  return bytes(text);
}`,
  },
  bytes: {
    source: `// In every browser and in Node; said here for compilers that know of neither.
declare const atob: (text: string) => string;

function bytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}`,
  },
} as const;
