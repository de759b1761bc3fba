import { PAIR_CONTEXTS, SINGLE_CONTEXTS } from '../../model/index.js';
import type { GapContext } from '../cloze.js';
import type { NgramCounts } from '../counts.js';
import { smoothedUnigram } from '../smoothed-unigram.js';
import { ContextLists, type ListOptions } from './context-lists.js';

/** Entries that the lists of one kind of pairs may have; the rarest contexts are left out until they fit. */
const MOST_ENTRIES = 2 ** 20;

/** Occurrences that a pair must have: a pair seen once says little, and nothing while it trains on that very place. */
const FEWEST_OF_PAIRS = 2;

/** The names of the kinds of contexts, as the model has them. */
export type KindName = (typeof SINGLE_CONTEXTS)[number]['name'] | (typeof PAIR_CONTEXTS)[number]['name'];

/** One kind of context, such as the token to the left of the gap. */
export interface Kind {
  readonly name: KindName;
  readonly lists: ContextLists;
  /** Most entries of a list; without it, longer ones become rows of all words. */
  readonly width: number;
  readonly becomesRows: boolean;
  /** The context of a gap; undefined where it has none. */
  readonly contextOf: (gap: GapContext) => number | undefined;
  /** What is known of a word without this kind of context; `without` occurrences of it there are not counted. */
  readonly base: (context: number, id: number, without?: number) => number;
}

/** All kinds of contexts of a training split, with the values of their entries. */
export class EvidenceKinds {
  readonly all: readonly Kind[];
  readonly unigram: Float64Array;
  private readonly byName: ReadonlyMap<KindName, Kind>;

  constructor(
    private readonly counts: NgramCounts,
    private readonly silentIds: readonly number[],
  ) {
    this.unigram = smoothedUnigram(counts);
    this.all = this.kinds();
    this.byName = new Map(this.all.map((kind) => [kind.name, kind]));
    for (const { lists, base, width, becomesRows } of this.all) {
      lists.fill(base);
      if (becomesRows) continue;
      for (const place of lists.contexts.keys()) lists.shorten(place, width, this.unigram);
    }
  }

  get(name: KindName): Kind {
    return this.byName.get(name) as Kind;
  }

  private kinds(): readonly Kind[] {
    const { vocabSize: V, bigrams, trigrams } = this.counts;
    const first = (key: number) => Math.floor(key / (V * V));
    const middle = (key: number) => Math.floor(key / V) % V;
    const last = (key: number) => key % V;
    const [a, b] = [(key: number) => Math.floor(key / V), (key: number) => key % V];
    const unigram = (_: number, id: number) => this.unigram[id] as number;
    const nearLeft = this.single(
      'near_left',
      bigrams,
      (key) => key,
      ({ left }) => left,
      unigram,
    );
    const nearRight = this.single(
      'near_right',
      bigrams,
      (key) => b(key) * V + a(key),
      ({ right }) => right,
      unigram,
    );
    const beside = (near: Kind, token: number, id: number, without?: number) =>
      near.lists.probability(token, id, unigram(0, id), without);
    const pair = (x: number | undefined, y: number | undefined) =>
      x === undefined || y === undefined ? undefined : x * V + y;
    return [
      nearLeft,
      nearRight,
      this.single(
        'skip_left',
        trigrams,
        (key) => first(key) * V + last(key),
        ({ left2 }) => left2,
        unigram,
      ),
      this.single(
        'skip_right',
        trigrams,
        (key) => last(key) * V + first(key),
        ({ right2 }) => right2,
        unigram,
      ),
      this.pair(
        'far_left',
        (key) => key,
        ({ left, left2 }) => pair(left2, left),
        (context, id, without) => beside(nearLeft, b(context), id, without),
      ),
      this.pair(
        'far_right',
        (key) => (last(key) * V + middle(key)) * V + first(key),
        ({ right, right2 }) => pair(right2, right),
        (context, id, without) => beside(nearRight, b(context), id, without),
      ),
      // What either side says by itself is known already.
      this.pair(
        'between',
        (key) => (first(key) * V + last(key)) * V + middle(key),
        ({ left, right }) => pair(left, right),
        (context, id, without) =>
          Math.max(beside(nearLeft, a(context), id, without), beside(nearRight, b(context), id, without)),
      ),
    ];
  }

  private single(
    name: (typeof SINGLE_CONTEXTS)[number]['name'],
    runs: NgramCounts['bigrams'],
    keyOf: (key: number) => number,
    contextOf: Kind['contextOf'],
    base: Kind['base'],
  ): Kind {
    const lists = new ContextLists(runs, keyOf, this.options(1, 1));
    const context = SINGLE_CONTEXTS.find((each) => each.name === name);
    return {
      name,
      lists,
      contextOf,
      base,
      width: context?.width ?? 0,
      becomesRows: !('near' in (context ?? {})),
    };
  }

  private pair(
    name: (typeof PAIR_CONTEXTS)[number]['name'],
    keyOf: (key: number) => number,
    contextOf: Kind['contextOf'],
    base: Kind['base'],
  ): Kind {
    let fewest = FEWEST_OF_PAIRS;
    let lists = new ContextLists(this.counts.trigrams, keyOf, this.options(fewest, 2));
    while (lists.ids.length > MOST_ENTRIES) {
      fewest *= 2;
      lists = new ContextLists(this.counts.trigrams, keyOf, this.options(fewest, 2));
    }
    const width = PAIR_CONTEXTS.find((each) => each.name === name)?.width ?? 0;
    return { name, lists, contextOf, base, width, becomesRows: false };
  }

  private options(fewest: number, tokens: 1 | 2): ListOptions {
    const { vocabSize, specialIds } = this.counts;
    const silent = new Set(this.silentIds);
    const isSilent = (context: number) =>
      silent.has(context % vocabSize) || (tokens === 2 && silent.has(Math.floor(context / vocabSize)));
    return { vocabSize, specialIds: new Set(specialIds), isSilent, fewest };
  }
}
