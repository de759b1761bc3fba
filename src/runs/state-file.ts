import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { FormatError } from '../core/index.js';
import {
  decodeSafetensorsHeader,
  encodeSafetensorsHeader,
  type SafetensorsDType,
  safetensorsDataStart,
} from '../formats/index.js';
import type { TensorValue } from '../runtime/index.js';

/** A tensor by name, one after the other. */
export type NamedTensors = AsyncIterable<readonly [string, TensorValue]>;

/** Size and checksum of a file that was written. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** What is known of a tensor before its values are. */
export interface TensorType {
  readonly name: string;
  readonly dtype: TensorValue['dtype'];
  readonly shape: readonly number[];
}

const DTYPES = { float32: 'F32', int32: 'I32', int64: 'I64', bool: 'U8' } as const satisfies Record<
  TensorValue['dtype'],
  SafetensorsDType
>;

const CHUNK_BYTES = 1 << 20;

function bytesOf({ data }: TensorValue): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Writes tensors as safetensors, one in memory at a time, in the order of `types`; returns when the bytes are on the
 * device. Throws a FormatError when the tensors are not those of `types`.
 */
export async function writeStateFile(
  path: string,
  types: readonly TensorType[],
  tensors: NamedTensors,
): Promise<FileFacts> {
  const header = encodeSafetensorsHeader(
    types.map(({ name, dtype, shape }) => ({ name, dtype: DTYPES[dtype], shape })),
    {},
  );
  const hash = createHash('sha256').update(header);
  const file = await open(path, 'wx');
  let bytes = header.length;
  let index = 0;
  try {
    await writeAll(file, header);
    for await (const [name, value] of tensors) {
      const expected = types[index++];
      if (expected?.name !== name || expected.shape.join() !== value.shape.join()) {
        throw new FormatError(
          `state: expected '${expected?.name}'[${expected?.shape}], got '${name}'[${value.shape}]`,
        );
      }
      const data = bytesOf(value);
      hash.update(data);
      await writeAll(file, data);
      bytes += data.length;
    }
    if (index !== types.length)
      throw new FormatError(`state: expected ${types.length} tensors, got ${index}`);
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** A single write may be short, near a full disk for example. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(CHUNK_BYTES * 64, bytes.length - done));
    done += bytesWritten;
  }
}

/** Checks size and checksum of a file, a piece in memory at a time; throws a FormatError that says what is wrong. */
export async function checkFile(path: string, where: string, expected: FileFacts): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size !== expected.bytes) {
      throw new FormatError(`${where}: expected ${expected.bytes} bytes, got ${size}`);
    }
    const hash = createHash('sha256');
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let read = 1; read > 0; ) {
      ({ bytesRead: read } = await file.read(chunk, 0, CHUNK_BYTES, null));
      hash.update(chunk.subarray(0, read));
    }
    if (hash.digest('hex') !== expected.sha256) throw new FormatError(`${where}: its checksum is wrong`);
  } finally {
    await file.close();
  }
}

/** Reads tensors that `writeStateFile` wrote, one at a time. Throws a FormatError unless they are those of `types`. */
export async function* readStateFile(
  path: string,
  types: readonly TensorType[],
): AsyncGenerator<readonly [string, TensorValue], void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = safetensorsDataStart(await readAt(file, 0, Math.min(8, size)), size, path);
    const { entries, dataStart } = decodeSafetensorsHeader(await readAt(file, 0, start), size, path);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    if (byName.size !== types.length) {
      throw new FormatError(`${path}: expected ${types.length} tensors, got ${byName.size}`);
    }
    for (const { name, dtype, shape } of types) {
      const entry = byName.get(name);
      if (entry?.dtype !== DTYPES[dtype] || entry.shape.join() !== shape.join()) {
        throw new FormatError(
          `${path}: tensor '${name}': expected ${DTYPES[dtype]}[${shape}], got ${entry ? `${entry.dtype}[${entry.shape}]` : 'none'}`,
        );
      }
      const bytes = await readAt(file, dataStart + entry.begin, entry.end - entry.begin);
      yield [name, { dtype, shape, data: arrayOf(dtype, bytes) }];
    }
  } finally {
    await file.close();
  }
}

/** An array of its own, because what Node reads into may be part of a larger pool. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new FormatError(`the file ends at byte ${position + done}, inside a tensor`);
    done += bytesRead;
  }
  return bytes;
}

function arrayOf(dtype: TensorValue['dtype'], { buffer }: Uint8Array): TensorValue['data'] {
  if (dtype === 'float32') return new Float32Array(buffer);
  if (dtype === 'int32') return new Int32Array(buffer);
  return dtype === 'int64' ? new BigInt64Array(buffer) : new Uint8Array(buffer);
}
