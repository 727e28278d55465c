// The safetensors format (https://github.com/huggingface/safetensors): 8 bytes of header length, little-endian; a JSON
// header of names, dtypes, shapes and offsets; the data without gaps. Reading trusts nothing in the file.
import type { Tensor, TensorData } from "../base/component.ts";
import { ModelFileError } from "./model-file-error.ts";

/** A file's tensors and the texts of its `__metadata__`. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of header that are accepted at most: the reference implementation's limit. */
const MAX_HEADER = 100_000_000;

const PREFIX = 8; // bytes of the header's length
const ALIGNMENT = 8; // bytes, of the data's beginning and so of every F64

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
} as const;

type Dtype = keyof typeof ARRAYS;

/**
 * The bytes of a file with these tensors and texts. Equal contents give equal bytes, whatever the order of the maps:
 * tensors lie in order of falling element size, then name, which also aligns each to its element size.
 */
export function writeTensors({ tensors, metadata }: TensorFile): Uint8Array {
  const sorted = [...tensors].sort(
    ([a, { data: x }], [b, { data: y }]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = {};
  if (metadata.size > 0) header.__metadata__ = Object.fromEntries([...metadata].sort(([a], [b]) => (a < b ? -1 : 1)));
  let end = 0;
  const entries = sorted.map(([name, { shape, data }]) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: dtypeOf(data), shape, data_offsets: [begin, end] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify({ ...header, ...Object.fromEntries(entries) }));
  const start = PREFIX + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + end).fill(0x20, PREFIX + json.length, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - PREFIX), true);
  bytes.set(json, PREFIX);
  sorted.forEach(([, { data }], i) => {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + entries[i][1].data_offsets[0]);
  });
  return bytes;
}

/** Reads a file of any origin into tensors of their own memory. Throws ModelFileError saying what is wrong with it. */
export function readTensors(bytes: Uint8Array): TensorFile {
  const { header, start } = readHeader(bytes);
  const { __metadata__: texts = {}, ...rest } = header;
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value));
  checkLayout(entries, bytes.length - start);
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => {
    const own = new Uint8Array(end - begin);
    own.set(bytes.subarray(start + begin, start + end));
    return [name, { shape, data: new ARRAYS[dtype](own.buffer) }] as const;
  });
  return { tensors: new Map(tensors), metadata: readTexts(texts) };
}

// Internal

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the beginning of the data. */
  readonly begin: number;
  readonly end: number;
}

function dtypeOf(data: TensorData): Dtype {
  for (const [dtype, type] of Object.entries(ARRAYS)) if (data instanceof type) return dtype as Dtype;
  throw new TypeError(`a tensor of ${Object.prototype.toString.call(data)} has no dtype`);
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < PREFIX) throw new ModelFileError(`the file has ${bytes.length} bytes, too few for a model`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getBigUint64(0, true);
  if (length > MAX_HEADER) throw new ModelFileError(`the file is no model: its header claims ${length} bytes`);
  const start = PREFIX + Number(length);
  if (start > bytes.length) {
    throw new ModelFileError(`the file is cut short: its header has ${length} bytes, the file ${bytes.length}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(PREFIX, start)));
  } catch (cause) {
    throw new ModelFileError("the file is no model: its header is not JSON", { cause });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new ModelFileError("the file is no model: its header is not a JSON object");
  }
  return { header: header as Record<string, unknown>, start };
}

function readEntry(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(ARRAYS, dtype)) {
    throw new ModelFileError(
      `tensor "${name}" has dtype ${String(dtype)}; models have ${Object.keys(ARRAYS).join(", ")}`,
    );
  }
  if (!isCounts(shape)) throw new ModelFileError(`the shape of tensor "${name}" is not a list of whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw new ModelFileError(`the offsets of tensor "${name}" are not two rising whole numbers`);
  }
  const size = ARRAYS[dtype as Dtype].BYTES_PER_ELEMENT * shape.reduce((product, extent) => product * extent, 1);
  if (offsets[1] - offsets[0] !== size) {
    throw new ModelFileError(`tensor "${name}" needs ${size} bytes, its offsets span ${offsets[1] - offsets[0]}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin: offsets[0], end: offsets[1] };
}

/** Tensors follow each other without gap or overlap and fill the data, so that no byte of the file is unaccounted for. */
function checkLayout(entries: readonly Entry[], available: number): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== end) {
      const fault = entry.begin < end ? "overlaps the tensor before it" : "leaves a gap before it";
      throw new ModelFileError(`tensor "${entry.name}" ${fault}: it begins at ${entry.begin}, not ${end}`);
    }
    end = entry.end;
  }
  if (end > available) throw new ModelFileError(`the file is cut short: ${end} bytes of tensors, ${available} present`);
  if (end < available) throw new ModelFileError(`the file has ${available - end} bytes after its last tensor`);
}

function readTexts(texts: unknown): ReadonlyMap<string, string> {
  const entries = typeof texts === "object" && texts !== null && !Array.isArray(texts) ? Object.entries(texts) : null;
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === "string")) {
    throw new ModelFileError("the metadata of the file is not an object of texts");
  }
  return new Map(entries);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
