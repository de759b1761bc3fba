import { ConfigError, FormatError } from '../../core/index.js';
import { AddedTokens } from '../added-tokens.js';
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer } from '../component.js';
import { WordPieceDecoder } from '../decoders/wordpiece.js';
import { WordPieceModel } from '../models/wordpiece.js';
import { BertNormalizer } from '../normalizers/bert.js';
import { PipelineTokenizer } from '../pipeline.js';
import { TemplatePostProcessor } from '../post-processors/template.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import type { Tokenizer } from '../tokenizer.js';
import { type Located, parse, readComponent } from './parse.js';
import { readTemplateProcessing } from './read-template.js';
import {
  bertNormalizerSchema,
  bertPreTokenizerSchema,
  bertProcessingSchema,
  envelopeSchema,
  wordPieceDecoderSchema,
  wordPieceModelSchema,
} from './schema.js';
import { readVocabulary } from './vocabulary.js';

type Readers<T> = ReadonlyMap<string, (json: Located) => T>;

const normalizers: Readers<Normalizer> = new Map([['BertNormalizer', readBertNormalizer]]);
const preTokenizers: Readers<PreTokenizer> = new Map([['BertPreTokenizer', readBertPreTokenizer]]);
const models: Readers<Model> = new Map([['WordPiece', readWordPieceModel]]);
const postProcessors: Readers<PostProcessor> = new Map([
  ['TemplateProcessing', readTemplateProcessing],
  ['BertProcessing', readBertProcessing],
]);
const decoders: Readers<Decoder> = new Map([['WordPiece', readWordPieceDecoder]]);

/**
 * The tokenizer that the parsed content of a `tokenizer.json` describes; `where` is the file's name in errors.
 * Throws FormatError, with the JSON path, for anything that is invalid or not supported.
 */
export function tokenizerFromJson(json: unknown, where = 'tokenizer.json'): Tokenizer {
  const envelope = parse(envelopeSchema, { value: json, where, path: '' });
  const component = <T>(path: keyof typeof envelope, readers: Readers<T>): T =>
    readComponent({ value: envelope[path], where, path }, readers);
  const added = envelope.added_tokens.map(({ id, content, special }) => ({
    id,
    content,
    isSpecial: special,
  }));
  try {
    return new PipelineTokenizer({
      addedTokens: new AddedTokens(added),
      normalizer: component('normalizer', normalizers),
      preTokenizer: component('pre_tokenizer', preTokenizers),
      model: component('model', models),
      postProcessor: component('post_processor', postProcessors),
      decoder: component('decoder', decoders),
    });
  } catch (error) {
    // Parts that do not fit together are, in a file, the file's fault.
    if (error instanceof ConfigError) throw new FormatError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

function readBertNormalizer(located: Located): Normalizer {
  const json = parse(bertNormalizerSchema, located);
  return new BertNormalizer({
    cleanText: json.clean_text,
    handleChineseChars: json.handle_chinese_chars,
    stripAccents: json.strip_accents,
    lowercase: json.lowercase,
  });
}

function readBertPreTokenizer(located: Located): PreTokenizer {
  parse(bertPreTokenizerSchema, located);
  return new BertPreTokenizer();
}

function readWordPieceModel(located: Located): Model {
  const json = parse(wordPieceModelSchema, located);
  const vocabulary = readVocabulary({ ...located, value: json.vocab, path: `${located.path}.vocab` });
  return new WordPieceModel(vocabulary, {
    unkToken: json.unk_token,
    continuingSubwordPrefix: json.continuing_subword_prefix,
    maxInputCharsPerWord: json.max_input_chars_per_word,
  });
}

/** BertProcessing is a template under another name; it is written back as TemplateProcessing. */
function readBertProcessing(located: Located): PostProcessor {
  const { cls, sep } = parse(bertProcessingSchema, located);
  return TemplatePostProcessor.bert({ token: cls[0], id: cls[1] }, { token: sep[0], id: sep[1] });
}

function readWordPieceDecoder(located: Located): Decoder {
  const { prefix, cleanup } = parse(wordPieceDecoderSchema, located);
  return new WordPieceDecoder(prefix, cleanup);
}
