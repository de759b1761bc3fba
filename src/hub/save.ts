import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FormatError } from '../core/index.js';
import { syncDirectory, toFileError, writeDirectory, writeDurably } from '../files/index.js';
import { encodeSafetensors, type TensorInput } from '../formats/index.js';
import { formatTokenizerJson, type Tokenizer } from '../tokenize/index.js';
import { formatConfigJson } from './config-json.js';
import { type LacunaJson, parseLacunaJson } from './lacuna-json.js';
import { assertWritableTarget, LACUNA_FILE, type OverwriteOptions, resolveTarget } from './target.js';
import { specialTokensMap, tokenizerConfig } from './tokenizer-files.js';

/** The files of a model directory, by what they hold. */
export const MODEL_FILES = {
  config: 'config.json',
  weights: 'model.safetensors',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  specialTokens: 'special_tokens_map.json',
  card: 'README.md',
  lacuna: LACUNA_FILE,
} as const;

/** What a model directory is made of. */
export interface ModelFiles {
  /** config.json, in Hugging Face's keys; `max_position_embeddings` is required. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By Hugging Face's names. */
  readonly weights: ReadonlyMap<string, TensorInput>;
  readonly tokenizer: Tokenizer;
  /** Left out of a directory whose model Lacuna did not train. */
  readonly lacuna?: LacunaJson | undefined;
  /** README.md, see `modelCard`. */
  readonly card: string;
  /** More files, by plain name, or by plain name in the folder `onnx`; large ones in parts. */
  readonly extra?: ReadonlyMap<string, FileContent>;
}

/** A file's bytes, or parts of them in order, where one array could not hold them. */
export type FileContent = Uint8Array | readonly Uint8Array[];

const lengthSchema = z.object({ max_position_embeddings: z.int().positive() });

/** Throws a FormatError unless `name` is a plain name that no other file of the directory has, alone or in the folder of ONNX files. */
export function checkExtraName(name: string): void {
  const reserved: readonly string[] = Object.values(MODEL_FILES);
  if (!/^(onnx\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || reserved.includes(name)) {
    throw new FormatError(`'${name}' cannot be an extra file: expected a plain name that is not in use`);
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function json(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 2)}\n`);
}

/** Every file of the directory as bytes, by name. */
function encodeFiles(files: ModelFiles): Map<string, FileContent> {
  const { max_position_embeddings: maxLength } = lengthSchema.parse(files.config);
  const encoded = new Map<string, FileContent>([
    [MODEL_FILES.config, utf8(formatConfigJson(files.config))],
    [MODEL_FILES.weights, encodeSafetensors(files.weights)],
    [MODEL_FILES.tokenizer, utf8(formatTokenizerJson(files.tokenizer.toJSON()))],
    [MODEL_FILES.tokenizerConfig, json(tokenizerConfig(files.tokenizer, maxLength))],
    [MODEL_FILES.specialTokens, json(specialTokensMap(files.tokenizer))],
    [MODEL_FILES.card, utf8(files.card)],
  ]);
  const { lacuna } = files;
  if (lacuna) encoded.set(MODEL_FILES.lacuna, json(parseLacunaJson(lacuna, MODEL_FILES.lacuna)));
  for (const [name, bytes] of files.extra ?? []) {
    checkExtraName(name);
    encoded.set(name, bytes);
  }
  return encoded;
}

/**
 * Writes a model directory in Hugging Face's layout, all or nothing: complete and synced beside `dir`, then renamed
 * into place. On failure what was at `dir` is as it was. Throws a FileError that names the cause in words.
 */
export async function saveModelDirectory(
  dir: string,
  files: ModelFiles,
  options: OverwriteOptions,
): Promise<void> {
  const encoded = encodeFiles(files);
  await assertWritableTarget(dir, options);
  const target = await resolveTarget(dir);
  let writing = dir;
  try {
    await writeDirectory(target, async (written) => {
      const folders = new Set<string>();
      for (const [name, content] of encoded) {
        writing = join(dir, name);
        const folder = dirname(join(written, name));
        if (folder !== written && !folders.has(folder)) await mkdir(folder);
        folders.add(folder);
        await writeDurably(join(written, name), content);
      }
      writing = dir;
      for (const folder of folders) await syncDirectory(folder);
    });
  } catch (cause) {
    throw toFileError(`cannot write '${writing}'`, cause);
  }
}
