import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FileError, FormatError } from '../core/index.js';
import { systemCode, toFileError } from '../files/index.js';
import { decodeSafetensors, parseJson, type TensorInput, toFloat32 } from '../formats/index.js';
import { type Tokenizer, tokenizerFromJson } from '../tokenize/index.js';
import { type LacunaJson, parseLacunaJson } from './lacuna-json.js';
import { checkExtraName, MODEL_FILES } from './save.js';

/** A weight as float32, whatever the width it is stored in. */
export interface Weight extends TensorInput {
  readonly data: Float32Array;
}

/** A model directory that has been read and checked. */
export interface OpenedModel {
  readonly directory: string;
  /** config.json, in Hugging Face's keys; the model family validates the rest. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By Hugging Face's names. */
  readonly weights: ReadonlyMap<string, Weight>;
  readonly tokenizer: Tokenizer;
  /** Absent from directories that Lacuna did not write. */
  readonly lacuna?: LacunaJson;
  /** An extra file's bytes, or undefined when the directory has none of that name. */
  extra(name: string): Promise<Uint8Array | undefined>;
}

const configSchema = z.record(z.string(), z.unknown());

async function assertDirectory(dir: string): Promise<void> {
  let isDirectory: boolean;
  try {
    isDirectory = (await stat(dir)).isDirectory();
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw toFileError(`cannot open the model directory '${dir}'`, cause);
    throw new FileError(
      `the model directory '${dir}' does not exist; give the --out of a training run, or train one: lacuna train <text> --out ${dir}`,
      { cause },
    );
  }
  if (!isDirectory) throw new FileError(`expected '${dir}' to be a model directory, got a file`);
}

/** The bytes of a file, or undefined when there is none. */
async function readOptional(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw toFileError(`cannot read '${path}'`, cause);
  }
}

async function readRequired(path: string): Promise<Uint8Array> {
  const bytes = await readOptional(path);
  if (bytes) return bytes;
  const { config, weights, tokenizer } = MODEL_FILES;
  throw new FileError(`'${path}' is missing; a model directory holds ${config}, ${weights} and ${tokenizer}`);
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  const parsed = configSchema.safeParse(parseJson(await readRequired(path), path));
  if (!parsed.success) throw new FormatError(`${path}: expected a JSON object`);
  return parsed.data;
}

async function readWeights(path: string): Promise<Map<string, Weight>> {
  const { tensors } = decodeSafetensors(await readRequired(path), path);
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const data = toFloat32(tensor, `${path}: tensor '${name}'`);
      return [name, { shape: tensor.shape, data }] as const;
    }),
  );
}

async function readTokenizer(path: string): Promise<Tokenizer> {
  return tokenizerFromJson(parseJson(await readRequired(path), path), path);
}

async function readLacuna(path: string): Promise<{ lacuna?: LacunaJson }> {
  const bytes = await readOptional(path);
  return bytes ? { lacuna: parseLacunaJson(parseJson(bytes, path), path) } : {};
}

/**
 * Opens a model directory in Hugging Face's layout (model.safetensors only). Throws a FileError for what is missing
 * and a FormatError for what is damaged, naming the file.
 */
export async function openModelDirectory(dir: string): Promise<OpenedModel> {
  await assertDirectory(dir);
  const path = (name: string) => join(dir, name);
  return {
    directory: dir,
    config: await readConfig(path(MODEL_FILES.config)),
    tokenizer: await readTokenizer(path(MODEL_FILES.tokenizer)),
    weights: await readWeights(path(MODEL_FILES.weights)),
    ...(await readLacuna(path(MODEL_FILES.lacuna))),
    extra: async (name) => {
      checkExtraName(name);
      return readOptional(path(name));
    },
  };
}
