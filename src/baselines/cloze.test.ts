import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bertPolicy, type MaskingPolicy } from '../masking/index.js';
import { ClozeBaseline, type ClozeExponents, countNgrams, type GapContext, updateOnInput } from './index.js';
import { packedRows, vocabularyOf } from './testing/packed-rows.js';

const [CLS, SEP, MASK, A, B, C] = [0, 1, 2, 3, 4, 5];
/** The last id never occurs. */
const V = 7;
const specialIds = [CLS, SEP, MASK];
const words = [A, B, C, 6];
const nothing: GapContext = { left: undefined, left2: undefined, right: undefined, right2: undefined };

const FULL: ClozeExponents = { side: 1, skip: 1, between: 1 };

type Rows = readonly (readonly number[])[];

const baselineOf = (rows: Rows, exponents?: ClozeExponents) =>
  new ClozeBaseline(countNgrams(packedRows(rows), vocabularyOf(V, specialIds)), exponents);

/** The formula of the docstring from the rows themselves, one word at a time: nothing shared with the code. */
function reference(rows: Rows, context: GapContext, exponents: ClozeExponents): number[] {
  const { left, left2, right, right2 } = context;
  const grams = (n: number) => rows.flatMap((row) => row.slice(n - 1).map((_, i) => row.slice(i, i + n)));
  const matches = (pattern: readonly (number | undefined)[]) => (gram: readonly number[]) =>
    pattern.every((id, place) => id === undefined || gram[place] === id);
  /** Discounted share of `word` at the gap of a pattern, and the mass left to what `lower` says. */
  const interpolated = (pattern: (word?: number) => (number | undefined)[], word: number, lower: number) => {
    const inContext = grams(pattern().length).filter(matches(pattern()));
    if (inContext.length === 0) return lower;
    const place = pattern(-1).indexOf(-1);
    const kinds = new Set(inContext.map((gram) => gram[place])).size;
    const seen = inContext.filter(matches(pattern(word))).length;
    return (Math.max(seen - 0.75, 0) + 0.75 * kinds * lower) / inContext.length;
  };
  const ids = rows.flat().filter((id) => words.includes(id));
  const prior = (word: number) => (ids.filter((id) => id === word).length + 1) / (ids.length + words.length);
  const side = (word: number, near: number | undefined, far: number | undefined, flip: boolean) => {
    const order = (pattern: (number | undefined)[]) => (flip ? pattern.reverse() : pattern);
    const skip =
      far === undefined ? prior(word) : interpolated((w) => order([far, undefined, w]), word, prior(word));
    if (near === undefined) return (skip / prior(word)) ** exponents.side;
    const bigram = interpolated((w) => order([near, w]), word, prior(word));
    const both = far === undefined ? bigram : interpolated((w) => order([far, near, w]), word, bigram);
    return (both / prior(word)) ** exponents.side * (skip / prior(word)) ** exponents.skip;
  };
  const product = normalised(
    words.map((word) => prior(word) * side(word, left, left2, false) * side(word, right, right2, true)),
  );
  if (left === undefined || right === undefined) return product;
  const weigh = (word: number, lower: number) =>
    lower * (interpolated((w) => [left, w, right], word, lower) / lower) ** exponents.between;
  return normalised(words.map((word, at) => weigh(word, product[at] as number)));
}

function normalised(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const neighbour = fc.option(fc.nat(V - 1), { nil: undefined });
const contexts = fc.record({ left: neighbour, left2: neighbour, right: neighbour, right2: neighbour });
const corpora = fc.array(fc.array(fc.constantFrom(CLS, SEP, A, B, C), { minLength: 6, maxLength: 6 }), {
  minLength: 1,
  maxLength: 15,
});
const exponent = fc.constantFrom(0, 0.2, 0.5, 1);
const exponents = fc.record({ side: exponent, skip: exponent, between: exponent });

describe('ClozeBaseline', () => {
  const rows = [
    [CLS, A, B, SEP],
    [CLS, A, C, SEP],
  ];

  it('is the smoothed unigram where nothing is visible', () => {
    const expected = [0, 0, 0, 3 / 8, 2 / 8, 2 / 8, 1 / 8];
    expectClose(baselineOf(rows).distribution(nothing), expected);
    expectClose(baselineOf(rows).unigram, expected);
  });

  it('is the interpolated bigram where one neighbour is visible in full', () => {
    // After A: B and C once each, so the share of each is (1 - 0.75) / 2 and 0.75 * 2 / 2 is left to the unigram.
    const expected = [
      0,
      0,
      0,
      0.75 * (3 / 8),
      0.125 + 0.75 * (2 / 8),
      0.125 + 0.75 * (2 / 8),
      0.75 * (1 / 8),
    ];
    expectClose(baselineOf(rows, FULL).distribution({ ...nothing, left: A }), expected);
    expectClose(baselineOf(rows, FULL).distribution({ ...nothing, right: SEP }), expected);
  });

  it('weighs both sides and the words seen between them', () => {
    // Each side says (0.125 + 0.75 p) / p = 1.25 for B and C, 0.75 for the others.
    const [seen, other] = [1.25 ** 2, 0.75 ** 2];
    const product = normalised([(3 / 8) * other, (2 / 8) * seen, (2 / 8) * seen, (1 / 8) * other]);
    const share = [0, 0.125, 0.125, 0];
    const expected = product.map((weight, at) => 0.75 * weight + (share[at] as number));
    expectClose(baselineOf(rows, FULL).distribution({ ...nothing, left: A, right: SEP }), [
      0,
      0,
      0,
      ...expected,
    ]);
  });

  it('takes each side to the power of the exponent', () => {
    const [seen, other] = [1.25 ** 0.5, 0.75 ** 0.5];
    const expected = normalised([(3 / 8) * other, (2 / 8) * seen, (2 / 8) * seen, (1 / 8) * other]);
    expectClose(baselineOf(rows, { ...FULL, side: 0.5 }).distribution({ ...nothing, left: A }), [
      0,
      0,
      0,
      ...expected,
    ]);
  });

  it('equals the formula in any context of any corpus', () => {
    fc.assert(
      fc.property(corpora, contexts, exponents, (corpus, context, trust) => {
        const actual = baselineOf(corpus, trust).distribution(context);
        expectClose(actual, [0, 0, 0, ...reference(corpus, context, trust)]);
      }),
      { numRuns: 500 },
    );
  });

  it('sums to 1 and never answers with a special id, whatever was asked before', () => {
    fc.assert(
      fc.property(corpora, fc.array(contexts, { minLength: 1, maxLength: 10 }), (corpus, questions) => {
        const baseline = baselineOf(corpus);
        for (const context of questions) {
          const distribution = baseline.distribution(context);
          expect(distribution.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
          for (const id of specialIds) expect(distribution[id]).toBe(0);
          for (const id of words) expect(distribution[id]).toBeGreaterThan(0);
          expect(baselineOf(corpus).distribution(context)).toEqual(distribution);
        }
      }),
    );
  });
});

describe('updateOnInput', () => {
  const prior = () => Float64Array.of(0, 0, 0, 0.4, 0.3, 0.2, 0.1);

  it('learns nothing from the mask', () => {
    expect(updateOnInput(prior(), MASK, MASK, bertPolicy(0.15), 4)).toEqual(prior());
  });

  it('is the rule of Bayes for a token in the place of the mask', () => {
    // p(shows B | B was there) = 0.1 + 0.1 / 4, p(shows B | another was there) = 0.1 / 4.
    const joint = [0, 0, 0, 0.4 * 0.025, 0.3 * 0.125, 0.2 * 0.025, 0.1 * 0.025];
    expectClose(updateOnInput(prior(), B, MASK, bertPolicy(0.15), 4), normalised(joint));
  });

  it('is sure where tokens are never replaced, and learns nothing where they are never kept', () => {
    const policy = (randomShare: number, keepShare: number): MaskingPolicy => ({
      rate: 0.15,
      maskShare: 0.8,
      randomShare,
      keepShare,
    });
    expectClose(updateOnInput(prior(), B, MASK, policy(0, 0.2), 4), [0, 0, 0, 0, 1, 0, 0]);
    expectClose(updateOnInput(prior(), B, MASK, policy(0.2, 0), 4), [...prior()]);
  });
});

function expectClose(actual: Float64Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [id, value] of expected.entries()) expect(actual[id]).toBeCloseTo(value, 12);
}
