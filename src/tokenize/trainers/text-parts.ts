import { AddedTokens } from '../added-tokens.js';
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer } from '../component.js';
import { PipelineTokenizer } from '../pipeline.js';
import type { Tokenizer } from '../tokenizer.js';
import { namedTemplate, type TemplateName } from './named-template.js';

/** The special tokens of BERT, which are the first ids of a trained tokenizer by default. */
export const BERT_SPECIAL_TOKENS: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** What stands around the model of a trained tokenizer; each trainer has its own defaults. */
export interface TextParts {
  /** Tokens that are no text, ids 0, 1, ...; those of BERT by default. */
  readonly specialTokens?: readonly string[];
  readonly normalizer?: Normalizer;
  readonly preTokenizer?: PreTokenizer;
  /** By default that of `template`. */
  readonly postProcessor?: PostProcessor;
  /** By default BERT's where [CLS] and [SEP], or their like, are special tokens, else none. */
  readonly template?: TemplateName;
  readonly decoder?: Decoder;
}

/** A trained model and the parts around it. */
export function assemble(
  model: Model,
  parts: Required<Omit<TextParts, 'postProcessor' | 'template'>> &
    Pick<TextParts, 'postProcessor' | 'template'>,
): Tokenizer {
  const { specialTokens, normalizer, preTokenizer, decoder } = parts;
  const specials = specialTokens.map((token) => ({ token, id: model.tokenToId(token) as number }));
  const added = specials.map(({ token, id }) => ({ content: token, id, isSpecial: true }));
  return new PipelineTokenizer({
    addedTokens: new AddedTokens(added, normalizer),
    normalizer,
    preTokenizer,
    model,
    postProcessor: parts.postProcessor ?? namedTemplate(parts.template, specials),
    decoder,
  });
}

/** The special token that is called unknown, in any of the usual spellings. */
export function unknownToken(specialTokens: readonly string[]): string | undefined {
  return specialTokens.find((token) => /^[[<]unk[\]>]$/i.test(token));
}
