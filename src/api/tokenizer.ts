import { mkdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ConfigError, errorMessage, FileError } from '../core/index.js';
import { Corpus, type CorpusOptions } from '../data/index.js';
import { toFileError, writeInPlace } from '../files/index.js';
import { parseJson } from '../formats/index.js';
import {
  bpeTrainer,
  byteBpeTrainer,
  characterTrainer,
  formatTokenizerJson,
  type Normalizer,
  namedNormalizer,
  namedPreTokenizer,
  type PreTokenizer,
  residueTokenizer,
  type SpecialTokens,
  type TemplateName,
  type Tokenizer,
  type Trainer,
  tokenizerFromJson,
  trainOnBlocks,
  unigramTrainer,
  wordPieceTrainer,
} from '../tokenize/index.js';
import { type CorpusProgress, linesOfCorpus, textsOfCorpus } from './corpus-texts.js';
import { drawReport } from './tokenizer-picture.js';
import { reportOn, type TokenizerReport } from './tokenizer-report.js';

const TOKENIZER_FILE = 'tokenizer.json';
const CONFIG_FILE = 'tokenizer_config.json';

const DEFAULT_VOCAB_SIZE = 8000;

/** Counting a smaller corpus takes less time than starting threads for it. */
const MIN_BYTES_FOR_THREADS = 1 << 24;

/** What every trainer can be told; each reads what it knows. */
type Options = Pick<TrainTokenizerOptions, LearningOption> & {
  readonly vocabSize: number;
  readonly normalizer?: Normalizer;
  readonly preTokenizer?: PreTokenizer;
  readonly onProgress?: (done: number, total: number) => void;
  readonly onForget?: (words: number, largestCount: number) => void;
};

type LearningOption =
  | 'template'
  | 'specialTokens'
  | 'minFrequency'
  | 'limitAlphabet'
  | 'initialAlphabet'
  | 'continuingSubwordPrefix'
  | 'endOfWordSuffix'
  | 'maxTokenLength'
  | 'shrinkingFactor'
  | 'subIterations'
  | 'maxPieceLength'
  | 'seedSize';

/** How each kind of model is trained; Hugging Face's names for options are kept. */
const TRAINERS = {
  wordpiece: wordPieceTrainer,
  bpe: bpeTrainer,
  'byte-bpe': byteBpeTrainer,
  unigram: unigramTrainer,
  character: characterTrainer,
  // Nothing is learned: the vocabulary is that of ESM-2.
  residue: undefined,
} satisfies Record<string, Trainer<Options> | undefined>;

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
  /** How the files are read, and which of their texts are taken. */
  readonly corpus?: CorpusOptions;
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
  /** What is put around texts; by default BERT's where the special tokens have [CLS] and [SEP] or their like, else none. */
  readonly template?: TemplateName;
  /** Threads that count words; by default all cores for corpora of which that makes sense. The result is the same. */
  readonly threads?: number;
  /** Called now and then. */
  readonly onProgress?: (progress: TokenizerProgress) => void;
  /** Called when a corpus has more distinct words than fit into memory, with how many rare ones are left out. */
  readonly onForget?: (words: number, largestCount: number) => void;
}

/** How far training is: bytes read of all, or tokens learned of those wanted (for unigram, steps of an estimate). */
export interface TokenizerProgress extends CorpusProgress {
  readonly stage: 'read' | 'learn';
}

export interface TrainTokenizerResult {
  /** The tokenizer.json that was written. */
  readonly file: string;
  readonly model: TokenizerModel;
  readonly vocabSize: number;
  /** Of the text. */
  readonly sizeBytes: number;
  /** That counted words. */
  readonly threads: number;
  readonly trainMs: number;
}

/**
 * Trains a tokenizer on text files, which are read as a stream, and writes it. Throws FileError or DataError for files
 * that cannot be read, ConfigError for options that cannot work.
 */
export async function trainTokenizer(options: TrainTokenizerOptions): Promise<TrainTokenizerResult> {
  const { model, out, overwrite = false } = options;
  const isFile = out.endsWith('.json');
  const file = isFile ? out : join(out, TOKENIZER_FILE);
  await assertFree(file, overwrite);
  const started = performance.now();
  const { tokenizer, sizeBytes, threads } = await learn(options);
  const trainMs = performance.now() - started;
  await write(file, formatTokenizerJson(tokenizer.toJSON()));
  if (!isFile) await write(join(out, CONFIG_FILE), JSON.stringify(configOf(tokenizer), undefined, 2));
  return { file, model, vocabSize: tokenizer.vocabSize, sizeBytes, threads, trainMs };
}

async function learn(
  options: TrainTokenizerOptions,
): Promise<{ tokenizer: Tokenizer; sizeBytes: number; threads: number }> {
  const { paths, model, corpus: reading, normalizer, preTokenizer, onProgress, ...rest } = options;
  const trainer: Trainer<Options> | undefined = TRAINERS[model];
  if (trainer === undefined) return { tokenizer: residueTokenizer(), sizeBytes: 0, threads: 1 };
  const parts = {
    ...(normalizer && { normalizer: namedNormalizer(normalizer) }),
    ...(preTokenizer && { preTokenizer: namedPreTokenizer(preTokenizer) }),
  };
  const corpus = await Corpus.open(paths, reading);
  const threads = options.threads ?? (corpus.sizeBytes < MIN_BYTES_FOR_THREADS ? 1 : availableParallelism());
  const blocks = textsOfCorpus(corpus, (progress) => onProgress?.({ stage: 'read', ...progress }));
  const given: Options = {
    ...rest,
    ...parts,
    vocabSize: options.vocabSize ?? (model === 'character' ? Number.POSITIVE_INFINITY : DEFAULT_VOCAB_SIZE),
    onProgress: (done, total) => onProgress?.({ stage: 'learn', done, total }),
  };
  const tokenizer = await trainOnBlocks(trainer, blocks, given, threads);
  return { tokenizer, sizeBytes: corpus.sizeBytes, threads };
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

export interface InspectTokenizerOptions {
  /** Files of a directory that count as text, by the end of their names. */
  readonly extensions?: readonly string[];
  /** Where to draw the report as an SVG picture; replaced if it is there. */
  readonly picture?: string;
  readonly onProgress?: (progress: CorpusProgress) => void;
}

/** Measures a tokenizer on text files, read as a stream. */
export async function inspectTokenizer(
  path: string,
  textPaths: readonly string[],
  { extensions, picture, onProgress }: InspectTokenizerOptions = {},
): Promise<TokenizerReport> {
  const tokenizer = await openTokenizer(path);
  const corpus = await Corpus.open(textPaths, extensions && { extensions });
  const report = await reportOn(tokenizer, linesOfCorpus(corpus, onProgress));
  if (picture !== undefined) await write(picture, drawReport(report, basename(path)));
  return report;
}

async function assertFree(file: string, overwrite: boolean): Promise<void> {
  const exists = (await stat(file).catch(() => undefined)) !== undefined;
  if (exists && !overwrite) {
    throw new FileError(`'${file}' exists; choose another --out, or replace it with --overwrite`);
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true }).catch((cause: unknown) => {
    throw toFileError(`cannot write '${file}'`, cause);
  });
  await writeInPlace(file, `${text}\n`);
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
