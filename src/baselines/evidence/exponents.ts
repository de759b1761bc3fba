import type { KindName } from './kinds.js';

/** Contexts seen 1, 2-3, 4-7, ... times are trusted to different degrees, the last for all that were seen more often. */
const BUCKETS = 9;

/** A kind of context; a skip is another one where the token between it and the gap says nothing. */
export type ExponentName = KindName | 'skip_left_alone' | 'skip_right_alone';

/** What each begins with: near what the cloze baseline has for all. */
const FIRST_GUESS: Readonly<Record<ExponentName, number>> = {
  near_left: 0.75,
  near_right: 0.75,
  skip_left: 0.2,
  skip_right: 0.2,
  skip_left_alone: 0.75,
  skip_right_alone: 0.75,
  far_left: 0.75,
  far_right: 0.75,
  between: 0.4,
};

/** Step of AdaGrad (Duchi et al. 2011); the loss is convex. */
const STEP = 0.08;

/** How far each kind of context is trusted, by how often a context was seen: the exponents of a product of experts. */
export class Exponents {
  private readonly names = Object.keys(FIRST_GUESS) as ExponentName[];
  private readonly values = Float64Array.from(
    this.names.flatMap((name) => Array(BUCKETS).fill(FIRST_GUESS[name])),
  );
  private readonly squares = new Float64Array(this.values.length).fill(1e-8);

  at(name: ExponentName, total: number): number {
    return this.values[this.placeOf(name, total)] as number;
  }

  /** An empty gradient, for `placeOf`. */
  zeros(): Float64Array {
    return new Float64Array(this.values.length);
  }

  placeOf(name: ExponentName, total: number): number {
    const bucket = Math.min(BUCKETS - 1, Math.floor(Math.log2(Math.max(1, total))));
    return this.names.indexOf(name) * BUCKETS + bucket;
  }

  /** A step down a gradient; exponents stay at least 0. */
  descend(gradient: Float64Array): void {
    for (const [place, slope] of gradient.entries()) {
      const square = (this.squares[place] as number) + slope ** 2;
      this.squares[place] = square;
      this.values[place] = Math.max(0, (this.values[place] as number) - (STEP * slope) / Math.sqrt(square));
    }
  }
}
