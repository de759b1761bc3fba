import { FormatError } from '../core/index.js';
import type { Tokenizer } from '../tokenize/index.js';

/** The special tokens by their names in transformers. */
export function specialTokensMap(
  tokenizer: Pick<Tokenizer, 'special' | 'idToToken'>,
): Record<string, string> {
  const { unk, sep, pad, cls, mask } = tokenizer.special;
  const ids = { unk_token: unk, sep_token: sep, pad_token: pad, cls_token: cls, mask_token: mask };
  return Object.fromEntries(
    Object.entries(ids).map(([name, id]) => {
      const token = tokenizer.idToToken(id);
      if (token === undefined) throw new FormatError(`the tokenizer has no token for its ${name} (id ${id})`);
      return [name, token];
    }),
  );
}

/**
 * The content of tokenizer_config.json. `PreTrainedTokenizerFast` reads tokenizer.json as it is, in transformers 4
 * and 5 and in transformers.js; BertTokenizer would build its own normalizer. No extra special tokens are listed:
 * the key was renamed between transformers 4 and 5.
 */
export function tokenizerConfig(
  tokenizer: Pick<Tokenizer, 'special' | 'idToToken'>,
  modelMaxLength: number,
): Record<string, unknown> {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: modelMaxLength,
    model_input_names: ['input_ids', 'attention_mask'],
    clean_up_tokenization_spaces: false,
    ...specialTokensMap(tokenizer),
  };
}
