import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../../core/index.js';
import { countRuns } from '../runs.js';
import { ContextLists } from './context-lists.js';

const V = 40;
const options = { vocabSize: V, specialIds: new Set([0, 1]), isSilent: (id: number) => id === 1, fewest: 1 };

/** Keys of pairs of neighbours in a skewed random text. */
function pairKeys(count: number): number[] {
  const random = new RandomStream(5, RandomPurpose.sampling);
  const draw = () => Math.floor(V * random.nextFloat() ** 2);
  const text = Array.from({ length: count }, draw);
  return text.slice(1).map((id, index) => (text[index] as number) * V + id);
}

const listsOf = (keys: readonly number[]) =>
  new ContextLists(countRuns(Float64Array.from(keys)), (key) => key, options);

const uniform = () => 1 / V;

describe('ContextLists', () => {
  const keys = pairKeys(2000);
  const lists = listsOf(keys);

  it('counts the words of each context, but special words and silent contexts', () => {
    expect(lists.find(1)).toBe(-1);
    const place = lists.find(7);
    const words = keys.filter((key) => Math.floor(key / V) === 7 && key % V > 1).map((key) => key % V);
    expect(lists.totals[place]).toBe(words.length);
    expect(lists.kinds(place)).toBe(new Set(words).size);
    const id = words[0] as number;
    expect(lists.counts[lists.entryOf(place, id)]).toBe(words.filter((word) => word === id).length);
    expect(lists.entryOf(place, 0)).toBe(-1);
  });

  it('gives probabilities that sum to one, and ratios relative to words that were not seen', () => {
    const sum = Array.from({ length: V }, (_, id) => lists.probability(7, id, uniform())).reduce(
      (a, b) => a + b,
    );
    expect(sum).toBeCloseTo(1, 10);
    const place = lists.find(7);
    const entry = lists.startOf(place);
    const id = lists.ids[entry] as number;
    const unseen = lists.probability(7, 0, uniform());
    expect(lists.ratio(place, entry, uniform())).toBeCloseTo(
      Math.log(lists.probability(7, id, uniform()) / unseen),
      10,
    );
  });

  it('leaves an occurrence out as if it had never been counted', () => {
    for (const gone of [3, 50, 400, 1200]) {
      const key = keys[gone] as number;
      const [context, id] = [Math.floor(key / V), key % V];
      const without = listsOf(keys.filter((_, index) => index !== gone));
      const expected = without.probability(context, id, uniform());
      if (id > 1 && context !== 1)
        expect(lists.probability(context, id, uniform(), 1)).toBeCloseTo(expected, 12);
      const [place, rest] = [lists.find(context), without.find(context)];
      const [entry, other] = [lists.entryOf(place, id), rest < 0 ? -1 : without.entryOf(rest, id)];
      if (entry < 0) continue;
      const ratio = other < 0 ? 0 : without.ratio(rest, other, uniform());
      expect(lists.ratio(place, entry, uniform(), 1)).toBeCloseTo(ratio, 12);
    }
  });

  it('shortens a list so that what it leaves out is right on average', () => {
    const short = listsOf(keys);
    short.fill(uniform);
    const unigram = new Float64Array(V).fill(1 / V);
    const place = short.find(3);
    const [start, end] = [short.startOf(place), short.endOf(place)];
    const before = short.values.slice(start, end);
    short.shorten(place, 5, unigram);
    const kept = short.isKept.slice(start, end);
    expect(kept.reduce((sum, each) => sum + each, 0)).toBe(5);
    const backoff = short.probability(3, 0, 1 / V) * V;
    const left = [...before.keys()].filter((index) => kept[index] === 0);
    const shares = left.map((index) => (backoff / V) * Math.exp(before[index] as number));
    const unseen = (backoff / V) * (V - (end - start));
    const mass = shares.reduce((sum, share) => sum + share, unseen);
    const mean =
      left.reduce((sum, index, each) => sum + (shares[each] as number) * (before[index] as number), 0) / mass;
    expect(short.centres[place]).toBeCloseTo(mean, 5);
    for (let index = 0; index < before.length; index++)
      expect(short.values[start + index]).toBeCloseTo((before[index] as number) - mean, 5);
  });
});
