import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layPairs, type Pair } from './cuckoo.js';

const TOKENS = 60;
const token = fc.nat(TOKENS - 1);
const distinctPairs = fc.uniqueArray(fc.tuple(token, token), {
  maxLength: 900,
  selector: ([a, b]) => a * TOKENS + b,
});

/** The index of a pair by its two places alone, as a model looks it up: what both say is summed. */
function lookUp(
  { slots, hashes, pairAt }: ReturnType<typeof layPairs>,
  pairs: readonly Pair[],
  [a, b]: Pair,
): number {
  const places = [0, 1].map(
    (which) => ((hashes[4 * a + which] ?? 0) + (hashes[4 * b + 2 + which] ?? 0)) % slots,
  );
  const found = places
    .map((place) => pairAt[place] as number)
    .filter((index) => index >= 0 && pairs[index]?.[0] === a && pairs[index]?.[1] === b);
  return found.length === 0 ? -1 : found.reduce((sum, index) => sum + index, 0);
}

describe('layPairs', () => {
  it('puts pairs where they are looked up, nearly all of them, and no other', () => {
    fc.assert(
      fc.property(distinctPairs, fc.tuple(token, token), (pairs, [a, b]) => {
        const table = layPairs(pairs, TOKENS);
        const lost = pairs.filter((pair) => lookUp(table, pairs, pair) === -1);
        for (const [index, pair] of pairs.entries())
          expect([-1, index]).toContain(lookUp(table, pairs, pair));
        expect(lost.length).toBeLessThanOrEqual(4 + pairs.length / 50);
        expect(table.pairAt.filter((index) => index >= 0).length).toBe(pairs.length - lost.length);
        const isIn = pairs.some((pair) => pair[0] === a && pair[1] === b);
        if (!isIn) expect(lookUp(table, pairs, [a, b])).toBe(-1);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('is the same for the same pairs, and has a slot where there are none', () => {
    const pairs: Pair[] = [
      [1, 2],
      [2, 1],
      [3, 3],
    ];
    expect(layPairs(pairs, TOKENS)).toEqual(layPairs(pairs, TOKENS));
    expect(layPairs([], TOKENS).slots).toBe(1);
  });
});
