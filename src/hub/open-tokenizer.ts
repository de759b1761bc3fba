import { join } from 'node:path';
import { FileError, FormatError } from '../core/index.js';
import { parseJson } from '../formats/index.js';
import { type Tokenizer, tokenizerFromJson } from '../tokenize/index.js';
import { bertTokenizer } from './bert-vocabulary.js';
import { esmTokenizer, isOfEsm } from './esm-vocabulary.js';
import { readOptional } from './read-file.js';

const MAX_VOCABULARY_BYTES = 64_000_000;

/**
 * The tokenizer of a model directory: tokenizer.json, or else the vocab.txt of an ESM, or of a BERT with what
 * tokenizer_config.json says. Throws a FileError where there is neither and a FormatError for what is damaged.
 */
export async function readTokenizer(dir: string): Promise<Tokenizer> {
  const path = join(dir, 'tokenizer.json');
  const bytes = await readOptional(path);
  if (bytes) return tokenizerFromJson(parseJson(bytes, path), path);
  const vocabularyPath = join(dir, 'vocab.txt');
  const vocabulary = await readOptional(vocabularyPath);
  if (!vocabulary) {
    throw new FileError(
      `'${path}' is missing; expected tokenizer.json, or the vocab.txt of a BERT or an ESM`,
    );
  }
  const vocab = readVocabulary(vocabulary, vocabularyPath);
  if (isOfEsm(vocab)) return esmTokenizer(vocab, vocabularyPath);
  const configPath = join(dir, 'tokenizer_config.json');
  const config = await readOptional(configPath);
  return bertTokenizer(vocab, config ? parseJson(config, configPath) : {}, vocabularyPath);
}

/** Ids by token, one token a line. */
function readVocabulary(bytes: Uint8Array, where: string): Map<string, number> {
  if (bytes.length > MAX_VOCABULARY_BYTES) {
    throw new FormatError(`${where}: ${bytes.length} bytes, at most ${MAX_VOCABULARY_BYTES}`);
  }
  const lines = new TextDecoder('utf-8').decode(bytes).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const vocab = new Map<string, number>();
  for (const [id, token] of lines.entries()) {
    if (vocab.has(token)) {
      throw new FormatError(`${where}:${id + 1}: the token ${JSON.stringify(token)} occurs twice`);
    }
    vocab.set(token, id);
  }
  return vocab;
}
