/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes with the length N of the header
 * (unsigned, little-endian), N bytes of JSON, then the tensors' bytes, without holes. The JSON maps each name to
 * {dtype, shape, data_offsets: [begin, end]}, offsets from the end of the header; `__metadata__` maps strings to
 * strings.
 */
import { FormatError, type Shape } from '../core/index.js';
import { parseJson } from './json.js';
import {
  dtypeOf,
  parseDType,
  SAFETENSORS_ARRAYS,
  type SafetensorsDType,
  type TensorData,
  type TensorDataConstructor,
  widenBfloat16,
  widenFloat16,
} from './safetensors-dtype.js';

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const METADATA_KEY = '__metadata__';

/** A tensor to write. */
export interface TensorInput {
  readonly shape: Shape;
  readonly data: TensorData;
}

/** A tensor read; `data` may be a view of the file's bytes. F16 and BF16 come as raw bits (see `toFloat32`). */
export interface TensorView extends TensorInput {
  readonly dtype: SafetensorsDType;
}

export interface Safetensors {
  readonly tensors: Map<string, TensorView>;
  readonly metadata: Map<string, string>;
}

/** Where a tensor lies: `begin` and `end` count from the first byte of data. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** Number of elements, or a FormatError when it is not a safe integer. */
function elementCount(shape: Shape, where: string): number {
  let count = 1;
  for (const dimension of shape) {
    count *= dimension;
    if (!Number.isSafeInteger(count)) throw new FormatError(`${where}: the shape [${shape}] is too large`);
  }
  return count;
}

function byteOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * Writes tensors as safetensors bytes: wide dtypes first and then by name, so that every tensor is aligned. Throws a
 * FormatError when a shape does not fit its data or a name is reserved.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, TensorInput>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array {
  const sorted = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || byteOrder(nameA, nameB),
  );
  for (const [name, { shape, data }] of sorted) {
    if (elementCount(shape, `tensor '${name}'`) !== data.length) {
      throw new FormatError(`tensor '${name}': shape [${shape}] does not hold ${data.length} elements`);
    }
  }
  const types = sorted.map(([name, { shape, data }]) => ({ name, dtype: dtypeOf(data), shape }));
  const header = encodeSafetensorsHeader(types, metadata);
  const bytes = new Uint8Array(sorted.reduce((sum, [, { data }]) => sum + data.byteLength, header.length));
  bytes.set(header);
  let offset = header.length;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Everything before the data of a file whose tensors follow in this order, so that they can be written one by one.
 * Throws a FormatError when a name is reserved.
 */
export function encodeSafetensorsHeader(
  tensors: readonly { readonly name: string; readonly dtype: SafetensorsDType; readonly shape: Shape }[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array {
  const entries: [string, unknown][] = [[METADATA_KEY, metadata]];
  let end = 0;
  for (const { name, dtype, shape } of tensors) {
    if (name === METADATA_KEY) throw new FormatError(`a tensor cannot be named ${METADATA_KEY}`);
    const begin = end;
    end += elementCount(shape, `tensor '${name}'`) * SAFETENSORS_ARRAYS[dtype].BYTES_PER_ELEMENT;
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  return encodeHeader(entries);
}

/** Length and JSON, padded with spaces to a multiple of eight bytes. */
function encodeHeader(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  // Object.fromEntries defines own properties, so that a tensor may even be named __proto__.
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new FormatError(`the header would be ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  }
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, LENGTH_BYTES);
  return header;
}

/** Reads safetensors bytes; `where` names the file in errors. Throws a FormatError for the first failed check. */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const { dataStart, entries, metadata } = decodeSafetensorsHeader(bytes, bytes.length, where);
  const tensors = new Map(entries.map((entry) => [entry.name, viewTensor(bytes, dataStart, entry)] as const));
  return { tensors, metadata };
}

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  /** Offset of the first byte of data in the file. */
  readonly dataStart: number;
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Map<string, string>;
}

/**
 * Reads the header at the beginning of `bytes`, of a file of `fileBytes`, so that tensors can be read one by one.
 * Throws a FormatError for the first failed check.
 */
export function decodeSafetensorsHeader(
  bytes: Uint8Array,
  fileBytes: number,
  where: string,
): SafetensorsHeader {
  const dataStart = safetensorsDataStart(bytes, fileBytes, where);
  const header = parseJson(bytes.subarray(LENGTH_BYTES, dataStart), `${where}: header`);
  if (!isRecord(header)) throw new FormatError(`${where}: expected the header to be a JSON object`);
  const metadata = new Map<string, string>();
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA_KEY) readMetadata(value, metadata, where);
    else entries.push(readEntry(name, value, `${where}: tensor ${JSON.stringify(name)}`));
  }
  checkLayout(entries, fileBytes - dataStart, where);
  return { dataStart, entries, metadata };
}

/** Offset of the first data byte in a file of `fileBytes`, from its first eight bytes. */
export function safetensorsDataStart(bytes: Uint8Array, fileBytes: number, where: string): number {
  if (bytes.length < LENGTH_BYTES) {
    throw new FormatError(`${where}: expected at least ${LENGTH_BYTES} bytes, got ${bytes.length}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new FormatError(
      `${where}: the header claims ${length} bytes, more than ${MAX_HEADER_BYTES}; is this a safetensors file?`,
    );
  }
  const end = LENGTH_BYTES + Number(length);
  if (end > fileBytes) {
    throw new FormatError(`${where}: the header ends at byte ${end} but the file has ${fileBytes} bytes`);
  }
  return end;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function readMetadata(value: unknown, metadata: Map<string, string>, where: string): void {
  if (!isRecord(value)) throw new FormatError(`${where}: expected ${METADATA_KEY} to be an object`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new FormatError(`${where}: ${METADATA_KEY} ${JSON.stringify(key)}: expected a string`);
    }
    metadata.set(key, text);
  }
}

function readEntry(name: string, value: unknown, where: string): SafetensorsEntry {
  if (!isRecord(value)) throw new FormatError(`${where}: expected {dtype, shape, data_offsets}`);
  for (const key of Object.keys(value)) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      throw new FormatError(`${where}: expected {dtype, shape, data_offsets}, got the key '${key}'`);
    }
  }
  const { shape, data_offsets: offsets } = value;
  const dtype = parseDType(value.dtype, where);
  if (!isSizes(shape)) throw new FormatError(`${where}: expected shape to be non-negative integers`);
  const [begin, end] = isSizes(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || begin > end) {
    throw new FormatError(`${where}: expected data_offsets [begin, end] with 0 <= begin <= end`);
  }
  const needed = elementCount(shape, where) * SAFETENSORS_ARRAYS[dtype].BYTES_PER_ELEMENT;
  if (needed !== end - begin) {
    throw new FormatError(`${where}: ${dtype}[${shape}] needs ${needed} bytes, its span has ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

/** Tensors must tile the data exactly: no overlap, no hole, nothing missing, nothing left over. */
function checkLayout(entries: readonly SafetensorsEntry[], dataBytes: number, where: string): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of sorted) {
    if (begin !== position) {
      const problem = begin < position ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw new FormatError(
        `${where}: tensor ${JSON.stringify(name)} begins at byte ${begin} and ${problem} (expected ${position})`,
      );
    }
    position = end;
  }
  if (position !== dataBytes) {
    const problem = position > dataBytes ? 'is cut short' : 'has bytes that belong to no tensor';
    throw new FormatError(
      `${where} ${problem}: its tensors need ${position} bytes of data, got ${dataBytes}`,
    );
  }
}

/** A view of the bytes where they are aligned, a copy where they are not. */
function viewTensor(bytes: Uint8Array, dataStart: number, entry: SafetensorsEntry): TensorView {
  const { dtype, shape, begin, end } = entry;
  const span = bytes.subarray(dataStart + begin, dataStart + end);
  const Values: TensorDataConstructor = SAFETENSORS_ARRAYS[dtype];
  const aligned = span.byteOffset % Values.BYTES_PER_ELEMENT === 0 ? span : span.slice();
  const length = aligned.byteLength / Values.BYTES_PER_ELEMENT;
  return { dtype, shape, data: new Values(aligned.buffer, aligned.byteOffset, length) };
}

/** The values of an F32, F64 (rounded), F16 or BF16 tensor as float32; throws a FormatError for other dtypes. */
export function toFloat32(tensor: TensorView, where: string): Float32Array {
  const { dtype, data } = tensor;
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (dtype === 'F16' && data instanceof Uint16Array) return widenFloat16(data);
  if (dtype === 'BF16' && data instanceof Uint16Array) return widenBfloat16(data);
  throw new FormatError(`${where}: expected a tensor of F32, F64, F16 or BF16, got ${dtype}`);
}
