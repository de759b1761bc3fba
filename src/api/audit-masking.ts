import { ConfigError, RandomPurpose } from '../core/index.js';
import {
  Corpus,
  type Document,
  EpochOrder,
  type PackedSequences,
  packDocuments,
  readCorpus,
  rowsOf,
} from '../data/index.js';
import {
  type AuditedSequence,
  type AuditReport,
  AuditTally,
  bertPolicy,
  type Collator,
  type Declaration,
  IGNORED_LABEL,
  independentCollator,
  judge,
  type MaskedSequence,
  Masker,
  type MaskingConfig,
  needsWords,
  PLANTED_BUGS,
  parseAuditedLine,
} from '../masking/index.js';
import { encodeWords, type Tokenizer, trainWordPiece } from '../tokenize/index.js';
import { linesOfCorpus } from './corpus-texts.js';
import { maskingConfigOf, vocabularyFor } from './masking.js';
import { openTokenizer } from './tokenizer.js';
import type { TrainOptions } from './types.js';

export interface AuditMaskingOptions extends Pick<TrainOptions, 'maskRate' | 'masking' | 'maskingOptions'> {
  /** Files, directories or globs of text to mask; with `jsonl`, of output of another collator to audit. */
  readonly paths: readonly string[];
  /** Each line of the files is {"input_ids": [...], "labels": [...], "original_ids"?: [...]}. */
  readonly jsonl?: boolean;
  /** Audits a historical bug instead, by its name in `PLANTED_BUGS`, or the sound collator `independent`. */
  readonly planted?: string;
  /** A tokenizer.json or a directory with one; else WordPiece is learned from the text. */
  readonly tokenizer?: string;
  readonly extensions?: readonly string[];
  /** Maskable tokens to decide about; the corpus is gone through as often as it takes. A million unless told. */
  readonly decisions?: number;
  readonly seed?: number;
  readonly vocabSize?: number;
  readonly sequenceLength?: number;
}

/** An audit with what it was about. */
export interface MaskingAudit extends AuditReport {
  readonly subject: string;
  /** The tokens of the incidents, in their order. */
  readonly incidentTokens: readonly (string | null)[];
}

const DECISIONS = 1_000_000;
const RATE = 0.15;
/** Sequences in a step, for masking that changes over a run. */
const SEQUENCES_PER_STEP = 16;

/**
 * Draws decisions from a masking and a corpus, or reads those of another collator, and tests what happened against what was
 * declared. Throws a DataError that names the line of foreign output that cannot be read.
 */
export async function auditMasking(options: AuditMaskingOptions): Promise<MaskingAudit> {
  const config = maskingConfigOf({ ...options, maskRate: options.maskRate ?? RATE });
  if (options.jsonl) return auditForeign(options, config);
  const { tokenizer, data } = await auditCorpus(options, needsWords(config));
  const wanted = options.decisions ?? DECISIONS;
  if (options.planted !== undefined) {
    const collate = collatorNamed(options.planted);
    const declaration = {
      vocabulary: vocabularyFor(config, tokenizer),
      policy: bertPolicy(RATE),
      isExact: false,
    };
    const tally = auditCollator(collate, data, declaration, wanted, options.seed ?? 0);
    return described(options.planted, tally, tokenizer);
  }
  const tally = auditStrategy(config, tokenizer, data, wanted, options.seed ?? 0);
  return described(config.strategy.name, tally, tokenizer);
}

function collatorNamed(name: string): Collator {
  const collate = name === 'independent' ? independentCollator : PLANTED_BUGS[name]?.collate;
  if (collate) return collate;
  throw new ConfigError(
    `no planted bug '${name}'; there are ${Object.keys(PLANTED_BUGS).join(', ')}, independent`,
  );
}

/** Masks the corpus as a training would, epoch after epoch, until enough is decided. */
function auditStrategy(
  config: MaskingConfig,
  tokenizer: Tokenizer,
  data: PackedSequences,
  wanted: number,
  seed: number,
): AuditTally {
  const vocabulary = vocabularyFor(config, tokenizer);
  const masker = new Masker(config, {
    vocabulary,
    unigramCounts: unigramCounts(data, tokenizer.vocabSize),
    rows: () => rowsOf(data),
    totalSteps: Math.ceil(wanted / data.sequenceLength / SEQUENCES_PER_STEP),
  });
  const order = new EpochOrder(data.count, seed);
  const declare = (step: number): Declaration => ({
    vocabulary,
    policy: masker.policyAt(step),
    isExact: true,
  });
  const tally = new AuditTally(declare(0));
  for (let index = 0; tally.decisions < wanted; index++) {
    const { epoch, row } = order.at(index);
    const step = Math.floor(index / SEQUENCES_PER_STEP);
    const address = { seed, epoch, sequenceIndex: row, step, purpose: RandomPurpose.masking };
    const ids = data.row(row);
    tally.add(asAudited(ids, masker.mask(ids, address, data.wordStarts?.(row))), declare(step));
  }
  return tally;
}

function auditCollator(
  collate: Collator,
  data: PackedSequences,
  declaration: Declaration,
  wanted: number,
  seed: number,
): AuditTally {
  const tally = new AuditTally(declaration);
  for (let index = 0; tally.decisions < wanted; index++) {
    // One stream for each sequence of the audit, whatever the epoch.
    tally.add(collate(data.row(index % data.count), declaration.vocabulary, seed * 2 ** 20 + index));
  }
  return tally;
}

/** A masked sequence of ours as every collator gives it. */
export function asAudited(originalIds: Int32Array, masked: MaskedSequence): AuditedSequence {
  const labels = new Int32Array(originalIds.length).fill(IGNORED_LABEL);
  for (const [index, position] of masked.positions.entries())
    labels[position] = masked.labels[index] as number;
  return { inputIds: masked.inputIds, labels, originalIds };
}

async function auditForeign(options: AuditMaskingOptions, config: MaskingConfig): Promise<MaskingAudit> {
  if (options.tokenizer === undefined) {
    throw new ConfigError(
      'to audit the output of another collator, give its --tokenizer: which ids are special?',
    );
  }
  const tokenizer = await openTokenizer(options.tokenizer);
  const policy = new Masker(config, {
    vocabulary: vocabularyFor(config, tokenizer),
    unigramCounts: [],
    rows: () => [],
    totalSteps: 1,
  }).policyAt(0);
  const tally = new AuditTally({ vocabulary: vocabularyFor(config, tokenizer), policy, isExact: false });
  let number = 0;
  const reading = { extensions: options.extensions ?? ['.jsonl'], format: 'text' } as const;
  for await (const line of linesOfCorpus(await Corpus.open(options.paths, reading))) {
    number++;
    if (line.trim() !== '') tally.add(parseAuditedLine(line, `line ${number}`));
  }
  if (tally.sequences === 0)
    throw new ConfigError('there is no line to audit: expected JSONL with input_ids, labels');
  return described(options.paths.join(' '), tally, tokenizer);
}

function described(subject: string, tally: AuditTally, tokenizer: Tokenizer): MaskingAudit {
  const report = judge(tally);
  const incidentTokens = report.incidents.map(({ id }) =>
    id === undefined ? null : (tokenizer.idToToken(id) ?? null),
  );
  return { subject, ...report, incidentTokens };
}

async function auditCorpus(
  options: AuditMaskingOptions,
  words: boolean,
): Promise<{ tokenizer: Tokenizer; data: PackedSequences }> {
  const { paths, extensions, sequenceLength = 128, vocabSize = 4096 } = options;
  const documents: readonly Document[] = await readCorpus(paths, extensions ? { extensions } : {});
  const tokenizer =
    options.tokenizer === undefined
      ? trainWordPiece(
          documents.map(({ text }) => text),
          { vocabSize },
        )
      : await openTokenizer(options.tokenizer);
  const data = packDocuments(documents, {
    sequenceLength,
    encodeIds: (text) => tokenizer.encodeIds(text),
    encodeWords: words ? (text) => encodeWords(tokenizer, text) : undefined,
    clsId: tokenizer.special.cls,
    sepId: tokenizer.special.sep,
  });
  return { tokenizer, data };
}

function unigramCounts(data: PackedSequences, vocabSize: number): Uint32Array {
  const counts = new Uint32Array(vocabSize);
  for (const row of rowsOf(data)) for (const id of row) counts[id] = (counts[id] as number) + 1;
  return counts;
}
