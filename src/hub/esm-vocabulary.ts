import { FormatError } from '../core/index.js';
import { type Tokenizer, tokenizerFromJson } from '../tokenize/index.js';

/** The special tokens that transformers' `EsmTokenizer` looks for by these names. */
const SPECIAL = ['<cls>', '<pad>', '<eos>', '<unk>', '<mask>'];

/** ESM writes its special tokens in angle brackets and ends a sequence with one that no BERT has. */
export const isOfEsm = (vocab: ReadonlyMap<string, number>): boolean =>
  vocab.has('<cls>') && vocab.has('<eos>') && !vocab.has('[CLS]');

const isAngled = (token: string): boolean => /^<.+>$/u.test(token);

const escaped = (token: string): string => token.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/**
 * ESM's tokenizer of a vocabulary, tokens to ids: sequences read the same with spaces between residues and without, and
 * what lies between residues of the vocabulary is one unknown token, as transformers' `EsmTokenizer` has it. Throws a
 * FormatError for a special token or residues that are missing.
 */
export function esmTokenizer(vocab: ReadonlyMap<string, number>, where: string): Tokenizer {
  const missing = SPECIAL.find((token) => !vocab.has(token));
  if (missing) throw new FormatError(`${where}: expected the token ${missing}, found none`);
  const residues = [...vocab.keys()].filter((token) => !isAngled(token));
  if (residues.length === 0 || residues.includes('')) {
    throw new FormatError(`${where}: expected a residue on each line that is no special token`);
  }
  const longestFirst = residues.sort((a, b) => b.length - a.length);
  const added = [...vocab].filter(([token]) => isAngled(token));
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: SPECIAL.includes(content),
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        {
          type: 'Split',
          pattern: { Regex: longestFirst.map(escaped).join('|') },
          behavior: 'Isolated',
          invert: false,
        },
      ],
    },
    post_processor: esmTemplate(vocab),
    decoder: { type: 'Fuse' },
    model: { type: 'WordLevel', vocab: Object.fromEntries(vocab), unk_token: '<unk>' },
  };
  return tokenizerFromJson(json, where);
}

/** `<cls> a <eos>` and `<cls> a <eos> b <eos>`; ESM does not tell the two apart. */
function esmTemplate(vocab: ReadonlyMap<string, number>): Record<string, unknown> {
  const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const text = (id: string) => ({ Sequence: { id, type_id: 0 } });
  const named = (id: string) => ({ id, ids: [vocab.get(id)], tokens: [id] });
  return {
    type: 'TemplateProcessing',
    single: [special('<cls>'), text('A'), special('<eos>')],
    pair: [special('<cls>'), text('A'), special('<eos>'), text('B'), special('<eos>')],
    special_tokens: { '<cls>': named('<cls>'), '<eos>': named('<eos>') },
  };
}
