/**
 * Text to token ids and back, and the training of vocabularies.
 *
 * A tokenizer is a pipeline of exchangeable components, the same as in Hugging Face's `tokenizers`, whose
 * Python library is the reference for ids, offsets and `tokenizer.json`:
 *
 *     raw text -> added tokens -> normalizer -> pre-tokenizer -> model -> post-processor -> Encoding
 *                 ("[MASK]")      (lowercase)   (words)          (pieces)  ([CLS], [SEP])
 *     ids -> decoder -> text
 *
 * Text travels as `AlignedText`, which knows where in the original each character came from; that gives
 * offsets. Each component is one class in the folder of its kind, implements an interface of `component.ts`,
 * and has a schema and a reader under `codec/`: that is all that a new one needs. Trainers build the model's
 * vocabulary from the words that the same normalizer and pre-tokenizer give.
 *
 *     const tokenizer = trainWordPiece(texts, { vocabSize: 4096 });
 *     tokenizer.encode('The [MASK] of the Union').ids;
 *     tokenizerFromJson(JSON.parse(formatTokenizerJson(tokenizer.toJSON())));
 */
export { byteOffsetsOf, toByteOffsets } from './byte-offsets.js';
export { tokenizerFromJson } from './codec/read.js';
export type { TokenizerJson } from './codec/schema.js';
export { formatTokenizerJson } from './codec/write.js';
export type { TokenColumns } from './columns.js';
export type { Normalizer, PreTokenizer } from './component.js';
export { type AddedWord, type ExtendedTokenizer, extendVocabulary } from './extend-vocabulary.js';
export { linesOf } from './lines.js';
export {
  IDENTIFIER_PATTERN,
  NORMALIZER_NAMES,
  namedNormalizer,
  namedPreTokenizer,
  PRE_TOKENIZER_NAMES,
} from './named-parts.js';
export type { Padding } from './padding.js';
export { trainOnBlocks } from './threads/train-on-blocks.js';
export type {
  DecodeOptions,
  EncodeInput,
  EncodeOptions,
  Encoding,
  SpecialTokens,
  Tokenizer,
} from './tokenizer.js';
export {
  type BpeTrainerOptions,
  type ByteBpeTrainerOptions,
  bpeTrainer,
  byteBpeTrainer,
  trainBpe,
  trainByteBpe,
} from './trainers/bpe.js';
export { type CharacterTrainerOptions, characterTrainer, trainCharacter } from './trainers/character.js';
export type { CountOptions } from './trainers/count-words.js';
export { TEMPLATE_NAMES, type TemplateName } from './trainers/named-template.js';
export { residueTokenizer } from './trainers/residue.js';
export { BERT_SPECIAL_TOKENS, type TextParts } from './trainers/text-parts.js';
export type { Trainer, WordCutters } from './trainers/trainer.js';
export { trainUnigram, type UnigramTrainerOptions, unigramTrainer } from './trainers/unigram.js';
export { trainWordPiece, type WordPieceTrainerOptions, wordPieceTrainer } from './trainers/wordpiece.js';
export type { Truncation } from './truncation.js';
export { encodeWords } from './word-starts.js';
