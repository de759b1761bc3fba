import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError, errorMessage, FileError } from '../core/index.js';
import { parseJson } from '../formats/index.js';
import {
  formatTokenizerJson,
  type Normalizer,
  namedNormalizer,
  namedPreTokenizer,
  type PreTokenizer,
  residueTokenizer,
  type SpecialTokens,
  type Tokenizer,
  tokenizerFromJson,
  trainBpe,
  trainByteBpe,
  trainCharacter,
  trainUnigram,
  trainWordPiece,
} from '../tokenize/index.js';
import { textLines } from './text-lines.js';
import { reportOn, type TokenizerReport } from './tokenizer-report.js';

const TOKENIZER_FILE = 'tokenizer.json';
const CONFIG_FILE = 'tokenizer_config.json';

const DEFAULT_VOCAB_SIZE = 8000;

/** What every trainer can be told; each reads what it knows. */
type Options = Omit<
  TrainTokenizerOptions,
  'paths' | 'model' | 'out' | 'overwrite' | 'extensions' | 'normalizer' | 'preTokenizer'
> & { readonly normalizer?: Normalizer; readonly preTokenizer?: PreTokenizer };

type Train = (texts: Iterable<string>, options: Options) => Tokenizer;

/** How each kind of model is trained; Hugging Face's names for options are kept. */
const TRAINERS = {
  wordpiece: (texts, options) => trainWordPiece(texts, { vocabSize: DEFAULT_VOCAB_SIZE, ...options }),
  bpe: (texts, options) => trainBpe(texts, { vocabSize: DEFAULT_VOCAB_SIZE, ...options }),
  'byte-bpe': (texts, options) => trainByteBpe(texts, { vocabSize: DEFAULT_VOCAB_SIZE, ...options }),
  unigram: (texts, options) => trainUnigram(texts, { vocabSize: DEFAULT_VOCAB_SIZE, ...options }),
  character: trainCharacter,
  // Nothing is learned: the vocabulary is that of ESM-2.
  residue: residueTokenizer,
} satisfies Record<string, Train>;

export type TokenizerModel = keyof typeof TRAINERS;
export const TOKENIZER_MODELS = Object.keys(TRAINERS) as readonly TokenizerModel[];

/** Options of `trainTokenizer`; everything left out takes the trainer's value. */
export interface TrainTokenizerOptions {
  /** Files, directories or globs of text. */
  readonly paths: readonly string[];
  readonly model: TokenizerModel;
  /** 8000 by default; for characters, all of them. */
  readonly vocabSize?: number;
  /** A file to write, ending in .json, or a directory that gets tokenizer.json and tokenizer_config.json. */
  readonly out: string;
  /** Replace a tokenizer that is already there. */
  readonly overwrite?: boolean;
  /** Files of a directory that count as text, by the end of their names. */
  readonly extensions?: readonly string[];
  /** By name, one after another; see `namedNormalizer`. */
  readonly normalizer?: readonly string[];
  /** By name, one after another; see `namedPreTokenizer`. */
  readonly preTokenizer?: readonly string[];
  readonly specialTokens?: readonly string[];
  readonly minFrequency?: number;
  readonly limitAlphabet?: number;
  readonly initialAlphabet?: string;
  readonly continuingSubwordPrefix?: string;
  readonly endOfWordSuffix?: string;
  readonly maxTokenLength?: number;
  readonly shrinkingFactor?: number;
  readonly subIterations?: number;
  readonly maxPieceLength?: number;
  readonly seedSize?: number;
  /** Called now and then with how much of the vocabulary is learned. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface TrainTokenizerResult {
  /** The tokenizer.json that was written. */
  readonly file: string;
  readonly model: TokenizerModel;
  readonly vocabSize: number;
  readonly trainMs: number;
}

/** Trains a tokenizer on text files, which are read as a stream, and writes it. */
export async function trainTokenizer(options: TrainTokenizerOptions): Promise<TrainTokenizerResult> {
  const { paths, model, out, overwrite = false, extensions, normalizer, preTokenizer, ...rest } = options;
  const isFile = out.endsWith('.json');
  const file = isFile ? out : join(out, TOKENIZER_FILE);
  await assertFree(file, overwrite);
  const started = performance.now();
  const tokenizer = TRAINERS[model](textLines(paths, extensions), {
    ...rest,
    ...(normalizer && { normalizer: namedNormalizer(normalizer) }),
    ...(preTokenizer && { preTokenizer: namedPreTokenizer(preTokenizer) }),
  });
  const trainMs = performance.now() - started;
  await write(file, formatTokenizerJson(tokenizer.toJSON()));
  if (!isFile) await write(join(out, CONFIG_FILE), JSON.stringify(configOf(tokenizer), undefined, 2));
  return { file, model, vocabSize: tokenizer.vocabSize, trainMs };
}

/** Opens a tokenizer.json, or the one in a directory. */
export async function openTokenizer(path: string): Promise<Tokenizer> {
  const isDirectory = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  const file = isDirectory ? join(path, TOKENIZER_FILE) : path;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new FileError(`cannot read the tokenizer '${file}': ${errorMessage(cause)}`, { cause });
  }
  return tokenizerFromJson(parseJson(bytes, file), file);
}

/** Measures a tokenizer on text files, read as a stream. */
export async function inspectTokenizer(
  path: string,
  textPaths: readonly string[],
  extensions?: readonly string[],
): Promise<TokenizerReport> {
  return reportOn(await openTokenizer(path), textLines(textPaths, extensions));
}

async function assertFree(file: string, overwrite: boolean): Promise<void> {
  const exists = (await stat(file).catch(() => undefined)) !== undefined;
  if (exists && !overwrite) {
    throw new FileError(`'${file}' exists; choose another --out, or replace it with --overwrite`);
  }
}

/** Writes beside and renames, so that nobody sees half a file. */
async function write(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.new`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(beside, `${text}\n`, { flush: true });
    await rename(beside, file);
  } catch (cause) {
    throw new FileError(`cannot write '${file}': ${errorMessage(cause)}`, { cause });
  }
}

/** What transformers needs beside tokenizer.json to open the directory. */
function configOf(tokenizer: Tokenizer): Record<string, string> {
  const roles: (keyof SpecialTokens)[] = ['unk', 'sep', 'pad', 'cls', 'mask'];
  const tokens = roles.flatMap((role) => {
    const token = tokenIn(tokenizer, role);
    return token === undefined ? [] : [[`${role}_token`, token] as const];
  });
  return { tokenizer_class: 'PreTrainedTokenizerFast', ...Object.fromEntries(tokens) };
}

function tokenIn(tokenizer: Tokenizer, role: keyof SpecialTokens): string | undefined {
  try {
    return tokenizer.idToToken(tokenizer.special[role]);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
