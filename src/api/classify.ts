import { ConfigError } from '../core/index.js';
import { openCheckpoint } from '../hub/index.js';
import { LabelPredictor, likeliest, textSequence, wordSequences } from '../infer/index.js';
import type { Task } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import type { Tokenizer } from '../tokenize/index.js';

/** Texts for a tuned model. */
export interface LabelOptions {
  /** The model directory. */
  readonly model: string;
  readonly texts: readonly string[];
}

/** A class with its probability, in the shape of Hugging Face's text-classification answer. */
export interface ClassifiedText {
  readonly label: string;
  readonly score: number;
}

/** A word with its tag, much in the shape of Hugging Face's token-classification answer. */
export interface TaggedWord {
  readonly word: string;
  readonly entity: string;
  readonly score: number;
  /** Where the word stands in the text, in UTF-16 code units; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

const BATCH_TOKENS = 1024;

/** Words and marks of punctuation: what a text is cut into before it is tagged. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:['’-][\p{L}\p{N}\p{M}]+)*|[^\s]/gu;

interface LabelSession {
  readonly predictor: LabelPredictor;
  readonly tokenizer: Tokenizer;
  readonly maxTokens: number;
  readonly labels: readonly string[];
  readonly weights: Parameters<LabelPredictor['predict']>[0];
}

async function withClassifier<Result>(
  directory: string,
  task: Extract<Task, 'text-classification' | 'token-classification'>,
  use: (session: LabelSession) => Promise<Result>,
): Promise<Result> {
  const { opened, model, parameters: weights } = await openCheckpoint(directory);
  if (model.task !== task) {
    const command = task === 'text-classification' ? 'lacuna tune classify' : 'lacuna tune tag';
    throw new ConfigError(
      `${directory}: expected a model for ${task}, got one for ${model.task}; see ${command}`,
    );
  }
  const engine = new Engine();
  try {
    const { tokenizer } = opened;
    const predictor = new LabelPredictor(engine, model, {
      labelsEach: task === 'text-classification' ? 'text' : 'token',
      padId: tokenizer.special.pad,
      batchTokens: BATCH_TOKENS,
      maxTokens: model.maxTokens,
    });
    return await use({ predictor, tokenizer, weights, maxTokens: model.maxTokens, labels: model.labels });
  } finally {
    await engine.close();
  }
}

/** Every class of each text with its probability, likeliest first. Text beyond the longest sequence is not read. */
export async function classify({ model, texts }: LabelOptions): Promise<ClassifiedText[][]> {
  return withClassifier(model, 'text-classification', async (session) => {
    const { predictor, tokenizer, maxTokens, labels, weights } = session;
    const sequences = texts.map((text) => textSequence(tokenizer, text, maxTokens));
    const rows = await predictor.predict(weights, sequences);
    return rows.map((row) =>
      labels
        .map((label, index) => ({ label, score: row[index] as number }))
        .sort((a, b) => b.score - a.score),
    );
  });
}

/** The likeliest tag of each word of each text. */
export async function tag({ model, texts }: LabelOptions): Promise<TaggedWord[][]> {
  return withClassifier(model, 'token-classification', async (session) => {
    const { predictor, tokenizer, maxTokens, labels, weights } = session;
    const found = texts.map((text) =>
      [...text.matchAll(WORD)].map(({ 0: word, index: start }) => ({
        word,
        start,
        end: start + word.length,
      })),
    );
    const encoded = found.map((words) =>
      wordSequences(
        tokenizer,
        words.map(({ word }) => word),
        maxTokens,
      ),
    );
    const rows = await predictor.predict(weights, encoded.flat());
    let next = 0;
    return found.map((words, text) => {
      const choices = (encoded[text] ?? []).flatMap(({ wordStarts }) => {
        const row = rows[next++] as Float32Array;
        return wordStarts.map((start) => likeliest(row, labels.length, start));
      });
      return words.map(({ word, start, end }, index) => {
        const { label = 0, probability = 0 } = choices[index] ?? {};
        return { word, entity: labels[label] ?? '', score: probability, start, end };
      });
    });
  });
}
