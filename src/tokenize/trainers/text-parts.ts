import { AddedTokens } from '../added-tokens.js';
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer } from '../component.js';
import { PipelineTokenizer } from '../pipeline.js';
import { NoPostProcessor } from '../post-processors/none.js';
import { TemplatePostProcessor } from '../post-processors/template.js';
import type { Tokenizer } from '../tokenizer.js';

/** The special tokens of BERT, which are the first ids of a trained tokenizer by default. */
export const BERT_SPECIAL_TOKENS: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** What begins and what ends a text, in the families of models. */
const TEMPLATE_TOKENS = [
  ['[CLS]', '[SEP]'],
  ['<s>', '</s>'],
  ['<cls>', '<eos>'],
];

/** What stands around the model of a trained tokenizer; each trainer has its own defaults. */
export interface TextParts {
  /** Tokens that are no text, ids 0, 1, ...; those of BERT by default. */
  readonly specialTokens?: readonly string[];
  readonly normalizer?: Normalizer;
  readonly preTokenizer?: PreTokenizer;
  /** By default BERT's template where [CLS] and [SEP], or their like, are special tokens, else none. */
  readonly postProcessor?: PostProcessor;
  readonly decoder?: Decoder;
}

/** A trained model and the parts around it. */
export function assemble(
  model: Model,
  parts: Required<Omit<TextParts, 'postProcessor'>> & Pick<TextParts, 'postProcessor'>,
): Tokenizer {
  const { specialTokens, normalizer, preTokenizer, decoder } = parts;
  const added = specialTokens.map((content) => ({
    content,
    id: model.tokenToId(content) as number,
    isSpecial: true,
  }));
  return new PipelineTokenizer({
    addedTokens: new AddedTokens(added, normalizer),
    normalizer,
    preTokenizer,
    model,
    postProcessor: parts.postProcessor ?? defaultPostProcessor(added),
    decoder,
  });
}

function defaultPostProcessor(
  added: readonly { readonly content: string; readonly id: number }[],
): PostProcessor {
  for (const names of TEMPLATE_TOKENS) {
    const [cls, sep] = names.map((name) => added.find(({ content }) => content === name));
    if (cls !== undefined && sep !== undefined) {
      return TemplatePostProcessor.bert(
        { token: cls.content, id: cls.id },
        { token: sep.content, id: sep.id },
      );
    }
  }
  return new NoPostProcessor();
}

/** The special token that is called unknown, in any of the usual spellings. */
export function unknownToken(specialTokens: readonly string[]): string | undefined {
  return specialTokens.find((token) => /^[[<]unk[\]>]$/i.test(token));
}
