import { ConfigError, FormatError } from '../core/index.js';
import { Corpus, type CorpusOptions, dedupThresholdOf, SHARD_VERSION } from '../data/index.js';
import { exists } from '../files/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { CorpusCache } from './corpus-cache.js';
import {
  type PreparedCorpus,
  type PrepareOptions,
  prepareCorpus,
  type Report,
  tokenizerFor,
  withCounts,
} from './prepare.js';
import {
  isPreparedCorpus,
  openPreparedCorpus,
  type ShardedCorpus,
  sha256,
  tokenizerBytes,
  writePreparedCorpus,
} from './prepared-corpus.js';
import {
  type CorpusFacts,
  dividedBy,
  readableAgain,
  type SplitCorpus,
  splitCorpus,
  trainingTexts,
} from './split-corpus.js';
import { megabytes } from './stage-progress.js';
import type { TrainOptions } from './types.js';

/** A corpus to train on, wherever its rows will lie. */
export interface CorpusSource {
  readonly facts: CorpusFacts;
  /** Of a corpus that is prepared already. */
  readonly fixed?: { readonly tokenizer: Tokenizer; readonly sequenceLength: number };
  /** Texts of the training side, or a large sample of them. */
  texts(): AsyncIterable<string>;
  /** Rows, tokenizer and counts. Throws a ConfigError for options that a prepared corpus does not have. */
  prepare(options: PrepareOptions, report: Report): Promise<PreparedCorpus>;
  /** Closes the files of prepared rows. */
  close(): void;
}

export interface SourceOptions {
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
  readonly reading?: CorpusOptions | undefined;
  /** Where texts wait to be compared when duplicates are left out; the directory of temporary files unless told. */
  readonly scratch?: string | undefined;
  /** Where large corpora are kept prepared. */
  readonly cacheDir?: string | undefined;
  /** Bytes of text up to which a corpus is kept in memory; 64 MiB unless told. */
  readonly inMemoryBytes?: number;
}

const IN_MEMORY_BYTES = 1 << 26;

/**
 * Opens a corpus: a directory that `lacuna data prepare` wrote, or files, which are read once to be divided. Throws what
 * reading throws, and a LacunaError of code `interrupted` on abort.
 */
export async function openCorpusSource(
  paths: readonly string[],
  options: SourceOptions,
): Promise<CorpusSource> {
  const { report, reading, signal, inMemoryBytes = IN_MEMORY_BYTES } = options;
  const detail = paths.length === 1 ? String(paths[0]) : `${paths.length} paths`;
  report({ type: 'stage', stage: 'read', detail });
  const [first = ''] = paths;
  if (paths.length === 1 && (await isPreparedCorpus(first))) {
    const shards = await openPreparedCorpus(first, report);
    try {
      assertReadAs(first, shards, reading);
    } catch (error) {
      closeShards(shards);
      throw error;
    }
    return preparedSource(first, shards, signal);
  }
  const corpus = await Corpus.open(paths, reading, options.scratch);
  const cache = new CorpusCache(options.cacheDir);
  const { signature } = corpus;
  const known = signature === undefined ? undefined : await cache.splitOf(signature);
  const split = known
    ? dividedBy(corpus, known.rule, known.facts, signal)
    : await splitCorpus(await readableAgain(corpus), { report, signal });
  const { trainBytes, heldOutBytes } = split.facts;
  if (signature === undefined || trainBytes + heldOutBytes <= inMemoryBytes) {
    return memorySource(split, signal);
  }
  if (!known) await cache.noteSplit(signature, split);
  return cachedSource(split, (key) => cache.preparedAt(signature, key), signal);
}

function memorySource(split: SplitCorpus, signal?: AbortSignal): CorpusSource {
  return {
    facts: split.facts,
    texts: () => trainingTexts(split),
    prepare: (options, report) => prepareCorpus(split, options, report, signal),
    close: () => undefined,
  };
}

function cachedSource(
  split: SplitCorpus,
  placeOf: (key: string) => string,
  signal?: AbortSignal,
): CorpusSource {
  const opened: ShardedCorpus[] = [];
  return {
    facts: split.facts,
    texts: () => trainingTexts(split),
    async prepare(options, report) {
      const place = placeOf(preparationKey(options));
      const shards = (await openIntact(place, report)) ?? (await prepareAt(place, split, options, report));
      opened.push(shards);
      return withCounts(shards, report, signal);
    },
    close: () => opened.splice(0).forEach(closeShards),
  };
}

async function prepareAt(
  place: string,
  split: SplitCorpus,
  options: PrepareOptions,
  report: Report,
): Promise<ShardedCorpus> {
  const tokenizer = await tokenizerFor(split, options, report);
  const { train, heldOut } = await writePreparedCorpus(place, split, { ...options, tokenizer }, report);
  const files = [train, heldOut].flatMap(({ ids, words }) => [...ids, ...words]);
  const size = megabytes(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const detail = `the prepared corpus is kept in ${place} (${size}); 'lacuna data clean' removes it`;
  report({ type: 'stage', stage: 'notice', detail });
  return openPreparedCorpus(place, report);
}

/** The prepared corpus there; undefined when there is none, or when it is damaged, which is said. */
async function openIntact(place: string, report: Report): Promise<ShardedCorpus | undefined> {
  if (!(await exists(place))) return undefined;
  try {
    const shards = await openPreparedCorpus(place, report);
    report({ type: 'stage', stage: 'encode', detail: `as prepared before, in ${place}` });
    return shards;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report({ type: 'stage', stage: 'notice', detail: `${error.message}: it is prepared again` });
    return undefined;
  }
}

/** Names what rows depend on, beside the corpus. */
function preparationKey({ tokenizer, vocabSize, sequenceLength, words }: PrepareOptions): string {
  const vocabulary = tokenizer ? sha256(tokenizerBytes(tokenizer)) : { wordpiece: vocabSize };
  return sha256(
    JSON.stringify({ version: SHARD_VERSION, vocabulary, sequenceLength, words: words === true }),
  );
}

function preparedSource(directory: string, shards: ShardedCorpus, signal?: AbortSignal): CorpusSource {
  const { tokenizer, train, facts } = shards;
  const { sequenceLength } = train;
  return {
    facts,
    fixed: { tokenizer, sequenceLength },
    texts: () => {
      throw new ConfigError(`'${directory}' is prepared: its texts are gone; give the corpus itself`);
    },
    async prepare(options, report) {
      assertPreparedFor(directory, shards, options);
      return withCounts(shards, report, signal);
    },
    close: () => closeShards(shards),
  };
}

function closeShards({ train, heldOut }: ShardedCorpus): void {
  train.close();
  heldOut.close();
}

/** Options whose sizes are those of a corpus that is prepared already, where they do not say others. */
export function withPreparedSizes(options: TrainOptions, { fixed }: CorpusSource): TrainOptions {
  if (!fixed) return options;
  const { sequenceLength = fixed.sequenceLength, vocabSize = fixed.tokenizer.vocabSize } = options;
  // The vocabulary of a model that training goes on from is its own.
  return { ...options, sequenceLength, ...(options.from === undefined ? { vocabSize } : {}) };
}

/**
 * Throws a ConfigError for options of reading, which were settled when the corpus was prepared; the same duplicates may be asked
 * for again.
 */
function assertReadAs(directory: string, { facts }: ShardedCorpus, reading: CorpusOptions = {}): void {
  const { dedup: _, dedupThreshold: __, ...others } = reading;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new ConfigError(
      `'${directory}' is prepared: '${other}' was settled then; prepare it anew, or leave the option out`,
    );
  }
  const asked = dedupThresholdOf(reading);
  if (asked === undefined || asked === facts.dedupThreshold) return;
  const was = facts.dedupThreshold ?? 'not set';
  throw new ConfigError(
    `'${directory}' is prepared with dedupThreshold ${was}, not ${asked}; prepare it anew, or leave the option out`,
  );
}

/** Throws a ConfigError when a run wants other rows than a prepared corpus has. */
function assertPreparedFor(
  directory: string,
  { tokenizer, train, vocabSize }: ShardedCorpus,
  wanted: PrepareOptions,
): void {
  const refuse = (what: string) => {
    throw new ConfigError(`'${directory}' is prepared ${what}; prepare it anew, or leave the option out`);
  };
  if (wanted.sequenceLength !== train.sequenceLength) {
    refuse(`in sequences of ${train.sequenceLength} tokens, not ${wanted.sequenceLength}`);
  }
  if (wanted.words && !train.wordStarts) refuse('without the words that this masking needs (--words)');
  const isOther =
    wanted.tokenizer && sha256(tokenizerBytes(wanted.tokenizer)) !== sha256(tokenizerBytes(tokenizer));
  if (isOther) refuse('with another tokenizer than the model has');
  if (!wanted.tokenizer && ![vocabSize, tokenizer.vocabSize].includes(wanted.vocabSize)) {
    refuse(`with a vocabulary of ${tokenizer.vocabSize} tokens, not ${wanted.vocabSize}`);
  }
}
