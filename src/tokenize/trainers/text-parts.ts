import { AddedTokens } from '../added-tokens.js';
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer } from '../component.js';
import { PipelineTokenizer } from '../pipeline.js';
import { NoPostProcessor } from '../post-processors/none.js';
import { TemplatePostProcessor } from '../post-processors/template.js';
import type { Tokenizer } from '../tokenizer.js';

/** The special tokens of BERT, which are the first ids of a trained tokenizer by default. */
export const BERT_SPECIAL_TOKENS: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** What stands around the model of a trained tokenizer; each trainer has its own defaults. */
export interface TextParts {
  /** Tokens of ids 0, 1, ...; those of BERT by default. */
  readonly specialTokens?: readonly string[];
  readonly normalizer?: Normalizer;
  readonly preTokenizer?: PreTokenizer;
  /** By default BERT's template where [CLS] and [SEP] are special tokens, else none. */
  readonly postProcessor?: PostProcessor;
  readonly decoder?: Decoder;
}

/** A trained model and the parts around it. */
export function assemble(
  model: Model,
  parts: Required<Omit<TextParts, 'postProcessor'>> & Pick<TextParts, 'postProcessor'>,
): Tokenizer {
  const { specialTokens, normalizer, preTokenizer, decoder } = parts;
  const added = specialTokens.map((content, id) => ({ id, content, isSpecial: true }));
  return new PipelineTokenizer({
    addedTokens: new AddedTokens(added, normalizer),
    normalizer,
    preTokenizer,
    model,
    postProcessor: parts.postProcessor ?? defaultPostProcessor(specialTokens),
    decoder,
  });
}

function defaultPostProcessor(specialTokens: readonly string[]): PostProcessor {
  const [cls, sep] = ['[CLS]', '[SEP]'].map((token) => ({ token, id: specialTokens.indexOf(token) }));
  if (cls === undefined || sep === undefined || cls.id < 0 || sep.id < 0) return new NoPostProcessor();
  return TemplatePostProcessor.bert(cls, sep);
}

/** The special token that is called unknown, in any of the usual spellings. */
export function unknownToken(specialTokens: readonly string[]): string | undefined {
  return specialTokens.find((token) => /^[[<]unk[\]>]$/i.test(token));
}
