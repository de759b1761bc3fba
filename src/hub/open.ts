import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FileError, FormatError } from '../core/index.js';
import { systemCode, toFileError } from '../files/index.js';
import { parseJson } from '../formats/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { type LacunaJson, parseLacunaJson } from './lacuna-json.js';
import { readTokenizer } from './open-tokenizer.js';
import { readOptional, readRequired } from './read-file.js';
import { checkExtraName, MODEL_FILES } from './save.js';
import { readWeights, type Weight } from './weight-files.js';

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

async function readConfig(path: string): Promise<Record<string, unknown>> {
  const parsed = configSchema.safeParse(parseJson(await readRequired(path), path));
  if (!parsed.success) throw new FormatError(`${path}: expected a JSON object`);
  return parsed.data;
}

async function readLacuna(path: string): Promise<{ lacuna?: LacunaJson }> {
  const bytes = await readOptional(path);
  return bytes ? { lacuna: parseLacunaJson(parseJson(bytes, path), path) } : {};
}

/**
 * Opens a model directory in Hugging Face's layout: weights as safetensors (one file, or shards with their index) or as a
 * PyTorch checkpoint, the tokenizer as tokenizer.json or BERT's vocab.txt. Throws a FileError for what is missing and a
 * FormatError for what is damaged, naming the file.
 */
export async function openModelDirectory(dir: string): Promise<OpenedModel> {
  await assertDirectory(dir);
  const path = (name: string) => join(dir, name);
  return {
    directory: dir,
    config: await readConfig(path(MODEL_FILES.config)),
    tokenizer: await readTokenizer(dir),
    weights: await readWeights(dir),
    ...(await readLacuna(path(MODEL_FILES.lacuna))),
    extra: async (name) => {
      checkExtraName(name);
      return readOptional(path(name));
    },
  };
}
