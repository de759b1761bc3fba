import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tokenizerFromJson } from './codec/read.js';
import type { EncodeInput } from './tokenizer.js';

const columns = z.object({
  ids: z.array(z.number()),
  tokens: z.array(z.string()),
  offsets: z.array(z.tuple([z.number(), z.number()])),
  wordIds: z.array(z.number().nullable()),
  sequenceIds: z.array(z.number().nullable()),
  typeIds: z.array(z.number()),
  specialTokensMask: z.array(z.number()),
  attentionMask: z.array(z.number()),
});

const goldens = z
  .object({
    reference: z.string(),
    texts: z.array(z.string()),
    model: z.unknown(),
    components: z.array(
      z.object({
        name: z.string(),
        json: z.looseObject({
          added_tokens: z.array(z.looseObject({ id: z.number(), normalized: z.boolean() })),
        }),
        cases: z.array(z.tuple([z.array(z.number()), z.array(z.string()), z.array(z.number()), z.string()])),
      }),
    ),
    models: z.array(
      z.object({
        name: z.string(),
        json: z.looseObject({}),
        cases: z.array(z.tuple([z.array(z.number()), z.array(z.string()), z.array(z.number()), z.string()])),
      }),
    ),
    around: z.array(
      z.object({
        name: z.string(),
        json: z.looseObject({}),
        batches: z.array(
          z.object({
            inputs: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
            addSpecialTokens: z.boolean(),
            encodings: z.array(columns.extend({ overflowing: z.array(columns) })),
          }),
        ),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('goldens/components.golden.json', import.meta.url), 'utf8')));

/** Offsets in code points, flat, as the reference counts them. */
function codePointOffsets(text: string, offsets: readonly (readonly [number, number])[]): number[] {
  return offsets.flat().map((unit) => [...text.slice(0, unit)].length);
}

describe.each(goldens.components)(`$name, as in ${goldens.reference}`, ({ json, cases }) => {
  const tokenizer = tokenizerFromJson({ ...json, model: goldens.model });
  const normalized = new Set(json.added_tokens.filter((token) => token.normalized).map(({ id }) => id));

  it('encodes and decodes the same', () => {
    cases.forEach(([ids, tokens, offsets, decoded], index) => {
      const text = goldens.texts[index] as string;
      const encoding = tokenizer.encode(text);
      expect(encoding.tokens).toEqual(tokens);
      expect(encoding.ids).toEqual(ids);
      expect(codePointOffsets(text, encoding.offsets)).toEqual(offsets);
      // What it decodes normalised added tokens to is another test's.
      if (!ids.some((id) => normalized.has(id))) expect(tokenizer.decode(ids)).toBe(decoded);
    });
  });

  it('gives the same ids fast', () => {
    for (const text of goldens.texts) {
      const plain = text.replace(/\[MASK\]|<mask>|\[X\]|added|the|Éa|the/giu, '');
      const { ids } = tokenizer.encode(plain, { addSpecialTokens: false });
      if (!ids.some((id) => json.added_tokens.some((token) => token.id === id))) {
        expect([...tokenizer.encodeIds(plain)]).toEqual(ids);
      }
    }
  });

  it('writes the same tokenizer.json', () => {
    expect(tokenizer.toJSON()).toEqual({ ...json, model: goldens.model });
  });
});

describe.each(goldens.models)(`WordLevel: $name, as in ${goldens.reference}`, ({ json, cases }) => {
  const tokenizer = tokenizerFromJson(json);

  it.each(cases.map((golden, index) => [goldens.texts[index] as string, golden] as const))(
    'encodes and decodes %j the same',
    (text, [ids, tokens, offsets, decoded]) => {
      const encoding = tokenizer.encode(text);
      expect([encoding.ids, encoding.tokens, codePointOffsets(text, encoding.offsets)]).toEqual([
        ids,
        tokens,
        offsets,
      ]);
      expect(tokenizer.decode(ids)).toBe(decoded);
    },
  );

  it('writes the same tokenizer.json', () => {
    expect(tokenizer.toJSON()).toEqual(json);
  });
});

it('WordLevel without its unknown token in the vocabulary refuses unknown words, as the reference does', () => {
  const { json } = goldens.models[0] as (typeof goldens.models)[0];
  const model = { type: 'WordLevel', vocab: { a: 0 }, unk_token: '[UNK]' };
  const tokenizer = tokenizerFromJson({ ...json, added_tokens: [], model });
  expect(tokenizer.encode('a a').ids).toEqual([0, 0]);
  expect(() => tokenizer.encode('a b')).toThrow(/the word "b" or the unknown token "\[UNK\]"/);
  expect(tokenizer.toJSON().model).toEqual(model);
});

describe.each(goldens.around)(`around texts: $name, as in ${goldens.reference}`, ({ json, batches }) => {
  const tokenizer = tokenizerFromJson({ ...json, model: goldens.model });

  it.each(batches)('encodes $inputs with special tokens $addSpecialTokens', (batch) => {
    const inputs: readonly EncodeInput[] = batch.inputs;
    const encodings = tokenizer.encodeBatch(inputs, { addSpecialTokens: batch.addSpecialTokens });
    // The type ids of what overflows are another test's.
    const compared = (list: readonly { overflowing: readonly object[] }[]) =>
      list.map((encoding) => ({
        ...encoding,
        overflowing: encoding.overflowing.map((part) => ({ ...part, typeIds: [] })),
      }));
    expect(compared(encodings)).toEqual(compared(batch.encodings));
  });
});

describe('known divergences from the reference', () => {
  const { json, cases } = goldens.components.find(
    ({ name }) => name === 'Lowercase',
  ) as (typeof goldens.components)[0];
  const tokenizer = tokenizerFromJson({ ...json, model: goldens.model });

  it('still decodes an added token to its content, not to what it is normalised to', () => {
    const id = tokenizer.tokenToId('Éa') as number;
    const golden = cases.find(([ids]) => ids.includes(id)) as (typeof cases)[0];
    expect(golden[3]).toContain('éa');
    expect(tokenizer.decode(golden[0])).toContain('Éa');
  });

  it("still gives what overflows the template's type ids, as it gives what is kept", () => {
    const { json, batches } = goldens.around.find(
      ({ name }) => name === 'template',
    ) as (typeof goldens.around)[0];
    const { inputs, encodings } = batches[0] as (typeof batches)[0];
    const [ours] = tokenizerFromJson({ ...json, model: goldens.model }).encodeBatch(inputs);
    const ofFirst = (typeIds: readonly number[] = []) => typeIds.slice(0, 4);
    expect(ofFirst(ours?.typeIds)).toEqual(ofFirst(encodings[0]?.typeIds));
    expect(ofFirst(ours?.overflowing[0]?.typeIds)).toEqual([3, 1, 1, 1]);
    expect(ofFirst(encodings[0]?.overflowing[0]?.typeIds)).toEqual([3, 0, 0, 0]);
  });
});
