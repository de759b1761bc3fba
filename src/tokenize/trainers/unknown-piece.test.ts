import { describe, expect, it } from 'vitest';
import { trainUnigram } from './unigram.js';

describe('Python tokenizers 0.23.3', () => {
  // Its answer to 'state 🎉' under a Unigram model that has never seen the second character, recorded by
  // Tokenizer.from_file(...).encode('state 🎉'): tokens ['[CLS]', '▁state', '▁', '🎉', '[SEP]'], the fourth with the
  // id of [UNK]. A token text that is no token of that id cannot be looked up again.
  const referenceToken = '🎉';

  it('still diverges in the token text of an unknown Unigram piece; id and offsets agree', () => {
    const tokenizer = trainUnigram(['a state of the states', 'the state of a state'], { vocabSize: 40 });
    const { ids, tokens, offsets } = tokenizer.encode('state 🎉');
    const unknown = ids.indexOf(tokenizer.special.unk);
    expect(tokens[unknown]).toBe('[UNK]');
    expect(tokens[unknown]).not.toBe(referenceToken);
    expect(tokenizer.tokenToId(tokens[unknown] as string)).toBe(ids[unknown]);
    expect(offsets[unknown]).toEqual([6, 8]);
  });
});
