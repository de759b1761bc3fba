import { FormatError } from '../../core/index.js';

/** Signatures and sizes of the records of a ZIP archive (PKWARE APPNOTE 4.3). */
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;

/** A field of this value says that the real one is in a ZIP64 record. */
const ZIP64 = 0xffffffff;
const MAX_ENTRIES = 1 << 16;

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly localOffset: number;
}

/** True when bytes begin as a ZIP archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL_SIGNATURE;
}

/**
 * The files of a ZIP archive whose entries are stored, not compressed, as PyTorch writes them, by name: views of
 * `bytes`. Throws a FormatError for compressed, encrypted, overlapping or repeated entries, for what lies outside the
 * bytes, and for archives of more than 4 GB (ZIP64).
 */
export function readStoredZip(bytes: Uint8Array, where: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const spans: { readonly name: string; readonly begin: number; readonly end: number }[] = [];
  for (const entry of readDirectory(bytes, where)) {
    if (files.has(entry.name)) throw new FormatError(`${where}: the entry '${entry.name}' occurs twice`);
    const begin = dataStart(bytes, entry, where);
    const end = begin + entry.size;
    if (end > bytes.length) {
      throw new FormatError(
        `${where}: the entry '${entry.name}' ends at byte ${end}, the file has ${bytes.length}`,
      );
    }
    files.set(entry.name, bytes.subarray(begin, end));
    spans.push({ name: entry.name, begin, end });
  }
  spans.sort((a, b) => a.begin - b.begin);
  for (const [index, span] of spans.entries()) {
    const before = spans[index - 1];
    if (before && span.begin < before.end) {
      throw new FormatError(`${where}: the entries '${before.name}' and '${span.name}' overlap`);
    }
  }
  return files;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Offset of the record that ends the archive: it is looked for from the back, because a comment may follow. */
function findEnd(bytes: Uint8Array, where: string): number {
  const view = viewOf(bytes);
  const first = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let offset = bytes.length - END_BYTES; offset >= first; offset--) {
    if (view.getUint32(offset, true) === END_SIGNATURE) return offset;
  }
  throw new FormatError(`${where}: expected a ZIP archive, found no end of its directory; is it cut short?`);
}

function readDirectory(bytes: Uint8Array, where: string): Entry[] {
  const view = viewOf(bytes);
  const end = findEnd(bytes, where);
  const count = view.getUint16(end + 10, true);
  let offset = view.getUint32(end + 16, true);
  if (offset === ZIP64 || count >= MAX_ENTRIES - 1) {
    throw new FormatError(`${where}: a ZIP64 archive (more than 4 GB): save the model as safetensors`);
  }
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) {
    if (offset + ENTRY_BYTES > end || view.getUint32(offset, true) !== ENTRY_SIGNATURE) {
      throw new FormatError(`${where}: expected entry ${index} of the ZIP directory at byte ${offset}`);
    }
    const nameBytes = view.getUint16(offset + 28, true);
    const next = offset + ENTRY_BYTES + nameBytes + view.getUint16(offset + 30, true);
    const name = textOf(bytes.subarray(offset + ENTRY_BYTES, offset + ENTRY_BYTES + nameBytes));
    entries.push(readEntry(view, offset, name, where));
    offset = next + view.getUint16(offset + 32, true);
  }
  return entries;
}

function readEntry(view: DataView, offset: number, name: string, where: string): Entry {
  const isEncrypted = (view.getUint16(offset + 8, true) & 1) === 1;
  const method = view.getUint16(offset + 10, true);
  const [compressed, size] = [view.getUint32(offset + 20, true), view.getUint32(offset + 24, true)];
  const localOffset = view.getUint32(offset + 42, true);
  if (isEncrypted || method !== 0 || compressed !== size) {
    throw new FormatError(
      `${where}: the entry '${name}' is ${isEncrypted ? 'encrypted' : 'compressed'}; PyTorch stores entries as they are`,
    );
  }
  if (size === ZIP64 || localOffset === ZIP64) {
    throw new FormatError(`${where}: the entry '${name}' needs ZIP64: save the model as safetensors`);
  }
  return { name, size, localOffset };
}

/** Where an entry's bytes begin: behind its local header, whose extra field PyTorch uses for alignment. */
function dataStart(bytes: Uint8Array, { name, localOffset }: Entry, where: string): number {
  const view = viewOf(bytes);
  if (localOffset + LOCAL_BYTES > bytes.length || view.getUint32(localOffset, true) !== LOCAL_SIGNATURE) {
    throw new FormatError(`${where}: expected the entry '${name}' at byte ${localOffset}`);
  }
  return (
    localOffset +
    LOCAL_BYTES +
    view.getUint16(localOffset + 26, true) +
    view.getUint16(localOffset + 28, true)
  );
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}
