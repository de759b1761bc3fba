import { join } from 'node:path';
import { z } from 'zod';
import { FileError, FormatError } from '../core/index.js';
import {
  decodeSafetensors,
  decodeTorch,
  parseJson,
  type TensorInput,
  type TensorView,
  toFloat32,
} from '../formats/index.js';
import { readOptional, readRequired } from './read-file.js';

/** A weight as float32, whatever the width it is stored in. */
export interface Weight extends TensorInput {
  readonly data: Float32Array;
}

type Decode = (bytes: Uint8Array, where: string) => ReadonlyMap<string, TensorView>;

const safetensors: Decode = (bytes, where) => decodeSafetensors(bytes, where).tensors;

/** Where weights are looked for, in this order: one file, or the index of shards. */
const SOURCES: readonly { readonly file: string; readonly index: string; readonly decode: Decode }[] = [
  { file: 'model.safetensors', index: 'model.safetensors.index.json', decode: safetensors },
  { file: 'pytorch_model.bin', index: 'pytorch_model.bin.index.json', decode: decodeTorch },
  { file: 'model.pt', index: 'model.pt.index.json', decode: decodeTorch },
];

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** A shard lies beside its index: no way out of the directory. */
const SHARD_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const MAX_SHARDS = 10_000;

/** Tensors that are buffers of no weight: positions counted, frequencies, masks; and integers in general. */
const BUFFERS = /(^|\.)(position_ids|token_type_ids|inv_freq|[a-z_]*_inv_freq|masked_bias)$/;

const FLOATS: readonly string[] = ['F32', 'F64', 'F16', 'BF16'];

/** Reads the weights of a model directory by the names in its files; buffers and integer tensors are left out. */
export async function readWeights(dir: string): Promise<Map<string, Weight>> {
  for (const { file, index, decode } of SOURCES) {
    const path = join(dir, file);
    const bytes = await readOptional(path);
    if (bytes) return widened(decode(bytes, path), path);
    const indexPath = join(dir, index);
    const indexBytes = await readOptional(indexPath);
    if (indexBytes) return readShards(dir, parseJson(indexBytes, indexPath), indexPath, decode);
  }
  const expected = SOURCES.map(({ file }) => file).join(', ');
  throw new FileError(
    `'${join(dir, 'model.safetensors')}' is missing; expected weights in one of ${expected}`,
  );
}

async function readShards(
  dir: string,
  json: unknown,
  where: string,
  decode: Decode,
): Promise<Map<string, Weight>> {
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success) throw new FormatError(`${where}: expected {weight_map} from names to files`);
  const places = Object.entries(parsed.data.weight_map);
  const shards = [...new Set(places.map(([, shard]) => shard))];
  if (shards.length > MAX_SHARDS) throw new FormatError(`${where}: ${shards.length} shards`);
  const weights = new Map<string, Weight>();
  for (const shard of shards) {
    if (!SHARD_NAME.test(shard)) {
      throw new FormatError(`${where}: expected the plain name of a file, got ${JSON.stringify(shard)}`);
    }
    const path = join(dir, shard);
    const found = widened(decode(await readRequired(path), path), path);
    for (const [name, weight] of found) {
      if (weights.has(name)) throw new FormatError(`${path}: '${name}' is in another shard, too`);
      weights.set(name, weight);
    }
  }
  for (const [name, shard] of places) {
    if (!weights.has(name) && !BUFFERS.test(name)) {
      throw new FormatError(`${join(dir, shard)}: expected a tensor '${name}' by ${where}, found none`);
    }
  }
  return weights;
}

function widened(tensors: ReadonlyMap<string, TensorView>, where: string): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const [name, tensor] of tensors) {
    if (BUFFERS.test(name) || !FLOATS.includes(tensor.dtype)) continue;
    weights.set(name, { shape: tensor.shape, data: toFloat32(tensor, `${where}: tensor '${name}'`) });
  }
  return weights;
}
