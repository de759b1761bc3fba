import { majorityLabel, mostFrequentTag, trainBagOfWords } from '../baselines/index.js';
import { DataError } from '../core/index.js';
import {
  type LabelledSequence,
  readLabelledTexts,
  readTaggedSentences,
  splitByGroup,
} from '../data/index.js';
import {
  areEntityTags,
  entityF1,
  likeliest,
  scoreLabels,
  textSequence,
  type WordSequence,
  wordSequences,
} from '../infer/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import type { TuneScores } from './tune-types.js';

/** One of the parts of the data, encoded, with what is needed to score predictions on it. */
export interface TunePart {
  readonly count: number;
  readonly sequences: readonly LabelledSequence[];
  /** Scores the probabilities of each sequence; see `LabelPredictor`. */
  score(probabilities: readonly Float32Array[]): TuneScores;
}

/** A task's data, ready for training. */
export interface TuneData {
  readonly labels: readonly string[];
  readonly labelsEach: 'text' | 'token';
  readonly train: TunePart;
  readonly validation: TunePart;
  readonly test: TunePart;
  /** Labels of which nothing is learned: only the other two parts have them. */
  readonly unseen: readonly string[];
  /** Scores of the baselines on the test part, by name. */
  baselines(seed: number): Readonly<Record<string, TuneScores>>;
}

const labelsOf = (labels: Iterable<string>, what: string): string[] => {
  const distinct = [...new Set(labels)].sort();
  if (distinct.length >= 2) return distinct;
  throw new DataError(`${what}: expected at least two different labels, got ${distinct.join('')} alone`);
};

/** The labels that the part to learn from lacks. Throws a DataError where it has fewer than two. */
function labelsUnseen(labels: readonly string[], learned: Iterable<string>, path: string): string[] {
  const seen = new Set(labelsOf(learned, `${path}: the part to learn from`));
  return labels.filter((label) => !seen.has(label));
}

/** Reads and splits labelled texts. */
export async function classificationData(
  path: string,
  tokenizer: Tokenizer,
  maxTokens: number,
): Promise<TuneData> {
  const examples = await readLabelledTexts(path);
  const labels = labelsOf(
    examples.map(({ label }) => label),
    path,
  );
  const split = splitByGroup(examples, path);
  const part = (some: typeof split.train): TunePart => ({
    count: some.length,
    sequences: some.map(({ text, label }) => textSequence(tokenizer, text, maxTokens, labels.indexOf(label))),
    score: (probabilities) =>
      scoreLabels(
        probabilities.map((row) => labels[likeliest(row, labels.length).label]),
        some.map(({ label }) => label),
      ),
  });
  const actual = split.test.map(({ label }) => label);
  return {
    labels,
    labelsEach: 'text',
    unseen: labelsUnseen(
      labels,
      split.train.map(({ label }) => label),
      path,
    ),
    train: part(split.train),
    validation: part(split.validation),
    test: part(split.test),
    baselines: (seed) => {
      const majority = majorityLabel(split.train.map(({ label }) => label));
      const classify = trainBagOfWords(split.train, split.validation, seed);
      return {
        majority: scoreLabels(
          actual.map(() => majority),
          actual,
        ),
        'bag of words': scoreLabels(
          split.test.map(({ text }) => classify(text)),
          actual,
        ),
      };
    },
  };
}

/** Scores of tags, sentence by sentence. */
function scoreTags(
  predicted: readonly (readonly string[])[],
  actual: readonly (readonly string[])[],
): TuneScores {
  const scores = scoreLabels(predicted.flat(), actual.flat());
  return areEntityTags(actual.flat()) ? { ...scores, entityF1: entityF1(predicted, actual) } : scores;
}

/** Reads and splits tagged sentences. */
export async function taggingData(path: string, tokenizer: Tokenizer, maxTokens: number): Promise<TuneData> {
  const sentences = await readTaggedSentences(path);
  const labels = labelsOf(
    sentences.flatMap(({ tags }) => tags),
    path,
  );
  const ids = new Map(labels.map((label, id) => [label, id]));
  const split = splitByGroup(sentences, path);
  const part = (some: typeof split.train): TunePart => {
    const encoded = some.map(({ words, tags }) =>
      wordSequences(
        tokenizer,
        words,
        maxTokens,
        tags.map((tag) => ids.get(tag) as number),
      ),
    );
    const sequences = encoded.flat();
    return {
      count: some.length,
      sequences,
      score: (probabilities) => {
        const rows = new Map(sequences.map((sequence, index) => [sequence, probabilities[index]]));
        const tagsOf = (sequence: WordSequence) =>
          sequence.wordStarts.map(
            (start) =>
              labels[likeliest(rows.get(sequence) as Float32Array, labels.length, start).label] ?? '',
          );
        return scoreTags(
          encoded.map((pieces) => pieces.flatMap(tagsOf)),
          some.map(({ tags }) => tags),
        );
      },
    };
  };
  return {
    labels,
    labelsEach: 'token',
    unseen: labelsUnseen(
      labels,
      split.train.flatMap(({ tags }) => tags),
      path,
    ),
    train: part(split.train),
    validation: part(split.validation),
    test: part(split.test),
    baselines: () => {
      const tagOf = mostFrequentTag(split.train);
      const guesses = split.test.map(({ words }) => words.map(tagOf));
      return {
        'most frequent tag': scoreTags(
          guesses,
          split.test.map(({ tags }) => tags),
        ),
      };
    },
  };
}
