import { ConfigError, FormatError } from '../../core/index.js';
import { AddedTokens } from '../added-tokens.js';
import { PipelineTokenizer } from '../pipeline.js';
import type { AddedToken } from '../token-matcher.js';
import type { Tokenizer } from '../tokenizer.js';
import { checkBounds } from './bounds.js';
import { readPadding, readTruncation } from './limits.js';
import { type Located, parse } from './parse.js';
import { readDecoder } from './read-decoders.js';
import { readModel } from './read-models.js';
import { readNormalizer } from './read-normalizers.js';
import { readPostProcessor } from './read-post-processors.js';
import { readPreTokenizer } from './read-pre-tokenizers.js';
import { type AddedTokenJson, envelopeSchema } from './schema.js';

/**
 * The tokenizer that the parsed content of a `tokenizer.json` describes; `where` is the file's name in errors.
 * Throws FormatError, with the JSON path, for anything that is invalid or not supported.
 */
export function tokenizerFromJson(json: unknown, where = 'tokenizer.json'): Tokenizer {
  checkBounds({ value: json, where, path: '' });
  const envelope = parse(envelopeSchema, { value: json, where, path: '' });
  const at = (path: keyof typeof envelope): Located => ({ value: envelope[path] ?? null, where, path });
  try {
    const normalizer = readNormalizer(at('normalizer'));
    return new PipelineTokenizer({
      addedTokens: new AddedTokens(envelope.added_tokens.map(readAddedToken), normalizer),
      normalizer,
      preTokenizer: readPreTokenizer(at('pre_tokenizer')),
      model: readModel(at('model')),
      postProcessor: readPostProcessor(at('post_processor')),
      decoder: readDecoder(at('decoder')),
      truncation: envelope.truncation === null ? null : readTruncation(envelope.truncation),
      padding: envelope.padding === null ? null : readPadding(envelope.padding),
    });
  } catch (error) {
    // Parts that do not fit together are, in a file, the file's fault.
    if (error instanceof ConfigError) throw new FormatError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

function readAddedToken(json: AddedTokenJson): AddedToken {
  return {
    id: json.id,
    content: json.content,
    isSpecial: json.special,
    singleWord: json.single_word,
    lstrip: json.lstrip,
    rstrip: json.rstrip,
    normalized: json.normalized,
  };
}
