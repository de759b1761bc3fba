import { z } from 'zod';
import { FormatError } from '../core/index.js';
import { type Tokenizer, tokenizerFromJson } from '../tokenize/index.js';

/** What tokenizer_config.json says of BERT's normalizer. */
const bertSchema = z.looseObject({
  do_lower_case: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().nullish(),
});

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** What a vocabulary writes in brackets: special tokens, and places left for more. */
const BRACKETED = /^\[[^\]]+\]$/;

/** A vocabulary with a token that lower-casing would change was made of text as it is: such a token would never be met. */
const isCased = (tokens: readonly string[]): boolean => tokens.some((token) => token !== token.toLowerCase());

/** Words are made of several characters or continued; where neither is, the units are characters, as of proteins. */
const isOfCharacters = (tokens: readonly string[]): boolean =>
  tokens.length > 0 && tokens.every((token) => [...token].length === 1);

/** Words cut into characters: text reads the same with spaces between them and without. */
const SINGLE_CHARACTERS = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'BertPreTokenizer' },
    { type: 'Split', pattern: { Regex: '.' }, behavior: 'Isolated', invert: false },
  ],
};

/**
 * BERT's tokenizer of a vocabulary, tokens to ids; what tokenizer_config.json leaves open, the vocabulary tells. Throws a
 * FormatError for settings that are not understood and for a vocabulary without [CLS] or [SEP].
 */
export function bertTokenizer(vocab: ReadonlyMap<string, number>, config: unknown, where: string): Tokenizer {
  const options = bertSchema.safeParse(config);
  if (!options.success) throw new FormatError(`${where}: tokenizer_config.json beside it is not understood`);
  const {
    do_lower_case: lowercase,
    strip_accents: stripAccents,
    tokenize_chinese_chars: chinese,
  } = options.data;
  const tokens = [...vocab.keys()].filter((token) => !BRACKETED.test(token));
  const idOf = (token: string): number => {
    const id = vocab.get(token);
    if (id === undefined) throw new FormatError(`${where}: expected the token ${token}, found none`);
    return id;
  };
  const special = SPECIAL.filter((token) => vocab.has(token)).map((content) => ({
    id: idOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.sort((a, b) => a.id - b.id),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: chinese ?? true,
      strip_accents: stripAccents ?? null,
      lowercase: lowercase ?? !isCased(tokens),
    },
    pre_tokenizer: isOfCharacters(tokens) ? SINGLE_CHARACTERS : { type: 'BertPreTokenizer' },
    post_processor: bertTemplate(idOf('[CLS]'), idOf('[SEP]')),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab),
    },
  };
  return tokenizerFromJson(json, where);
}

/** `[CLS] a [SEP]` and `[CLS] a [SEP] b [SEP]`, the second text of type 1. */
function bertTemplate(cls: number, sep: number): Record<string, unknown> {
  const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  return {
    type: 'TemplateProcessing',
    single: [special('[CLS]', 0), text('A', 0), special('[SEP]', 0)],
    pair: [special('[CLS]', 0), text('A', 0), special('[SEP]', 0), text('B', 1), special('[SEP]', 1)],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [cls], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [sep], tokens: ['[SEP]'] },
    },
  };
}
