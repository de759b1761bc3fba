import { FuseDecoder } from '../decoders/fuse.js';
import { BpeModel } from '../models/bpe.js';
import { NoNormalizer } from '../normalizers/none.js';
import { WhitespaceSplitPreTokenizer } from '../pre-tokenizers/whitespace.js';
import type { Tokenizer } from '../tokenizer.js';
import { assemble } from './text-parts.js';

/** The vocabulary of ESM-2 (Lin et al. 2023), ids and order: amino acids by frequency, ambiguity codes, gaps. */
const ESM_TOKENS = [
  ...['<cls>', '<pad>', '<eos>', '<unk>'],
  ...'LAGVSERTIDPKQNFYMHWCXBUZO.-',
  ...['<null_1>', '<mask>'],
];

const ESM_SPECIAL_TOKENS = ['<cls>', '<pad>', '<eos>', '<unk>', '<mask>'];

/**
 * The tokenizer of protein sequences: one token for each residue, whitespace such as the line breaks of FASTA
 * left out, `<cls>` and `<eos>` around it. Nothing is learned; ids are those of ESM-2. Lower-case residues are
 * unknown: upper-case soft-masked sequences first.
 */
export function residueTokenizer(): Tokenizer {
  return assemble(new BpeModel(ESM_TOKENS, [], { unkToken: '<unk>' }), {
    specialTokens: ESM_SPECIAL_TOKENS,
    normalizer: new NoNormalizer(),
    preTokenizer: new WhitespaceSplitPreTokenizer(),
    decoder: new FuseDecoder(),
  });
}
