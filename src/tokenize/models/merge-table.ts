import { ConfigError } from '../../core/index.js';
import { PairIndex } from '../pair-index.js';

/** Two tokens that are joined. */
export type MergedTokens = readonly [left: string, right: string];

/** The merges of a BPE model by the ids of their two tokens; a lower rank goes first. */
export class MergeTable {
  private readonly pairs = new PairIndex();
  private readonly ranks: number[] = [];
  private readonly joined: number[] = [];

  /**
   * `merges` are in order of rank; of a pair that comes twice the later rank holds. The right token's
   * `prefix` is left out of the joined token. Throws ConfigError for a token that is not in the vocabulary.
   */
  constructor(merges: readonly MergedTokens[], ids: ReadonlyMap<string, number>, prefix: string) {
    merges.forEach(([left, right], rank) => {
      const joined = left + right.slice(prefix.length);
      const [leftId, rightId, joinedId] = [left, right, joined].map((token) => {
        const id = ids.get(token);
        if (id === undefined) {
          throw new ConfigError(
            `merge ${rank} of ${JSON.stringify(left)} and ${JSON.stringify(right)}: ` +
              `expected ${JSON.stringify(token)} in the vocabulary, found none`,
          );
        }
        return id;
      }) as [number, number, number];
      const pair = this.pairs.add(leftId, rightId);
      this.ranks[pair] = rank;
      this.joined[pair] = joinedId;
    });
  }

  get size(): number {
    return this.pairs.size;
  }

  /** The number of a merge for `rankOf` and `joinedOf`, or -1 for two tokens that are not joined. */
  find(left: number, right: number): number {
    return this.pairs.find(left, right);
  }

  rankOf(merge: number): number {
    return this.ranks[merge] as number;
  }

  joinedOf(merge: number): number {
    return this.joined[merge] as number;
  }

  /** The ids of each two tokens that are joined, in order of rank. */
  inOrder(): [left: number, right: number][] {
    const order = Array.from(this.ranks.keys()).sort((a, b) => this.rankOf(a) - this.rankOf(b));
    return order.map((merge) => [this.pairs.left(merge), this.pairs.right(merge)]);
  }
}
