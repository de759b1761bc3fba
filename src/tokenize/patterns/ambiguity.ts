import { ConfigError } from '../../core/index.js';
import { Overlaps } from './overlaps.js';
import { AmbiguousRepetition, PositionAutomaton } from './position-automaton.js';
import { stronglyConnected } from './strongly-connected.js';
import type { PatternNode } from './syntax.js';

/** Steps of the search for ambiguity; beyond, a pattern is refused as too complex. */
const MAX_STEPS = 2_000_000;

/**
 * Refuses a pattern on which a backtracking matcher could take exponential time, or polynomial time of a higher
 * degree than tokenizers' own patterns do: throws ConfigError. The criteria are those of Weber and Seidl 1991
 * (On the degree of ambiguity of finite automata): two ways round a loop for one text make it exponential; each
 * loop after another that the same text runs through raises the degree.
 */
export function checkAmbiguity(pattern: PatternNode, source: string): void {
  try {
    checkNode(pattern);
  } catch (error) {
    if (!(error instanceof AmbiguousRepetition)) throw error;
    const shown = JSON.stringify(source.slice(0, 200));
    throw new ConfigError(`pattern ${shown}: could take unbounded time: it ${error.message}`, {
      cause: error,
    });
  }
}

function checkNode(pattern: PatternNode): void {
  const automaton = new PositionAutomaton(pattern);
  new AmbiguityCheck(automaton).run();
  for (const body of automaton.lookarounds) checkNode(body);
}

class AmbiguityCheck {
  private readonly size: number;
  private readonly follow: readonly (readonly number[])[];
  private readonly overlaps: Overlaps;
  private steps = 0;

  constructor(automaton: PositionAutomaton) {
    this.size = automaton.sources.length;
    this.follow = automaton.follow.map((next) => [...next]);
    this.overlaps = new Overlaps(automaton.sources);
  }

  run(): void {
    const loops = stronglyConnected(this.size, (position) => this.follow[position] ?? []).filter(
      (component) =>
        component.some((position) => this.follow[position]?.some((next) => component.includes(next))),
    );
    for (const loop of loops) this.checkLoop(new Set(loop));
    this.checkDegree(loops);
  }

  /** Exponential: from two equal positions to two different ones and back, on one text. */
  private checkLoop(loop: ReadonlySet<number>): void {
    const pairs = (state: number): number[] => {
      const [p, q] = [Math.floor(state / this.size), state % this.size];
      return this.common([p, q], [loop, loop]).map(([a, b]) => (a as number) * this.size + (b as number));
    };
    for (const component of stronglyConnected(
      this.size * this.size,
      pairs,
      [...loop].map((p) => p * this.size + p),
    )) {
      const isDiagonal = (state: number) => Math.floor(state / this.size) === state % this.size;
      if (component.some(isDiagonal) && !component.every(isDiagonal)) {
        throw new AmbiguousRepetition('can go round a repetition in two ways for one text');
      }
    }
  }

  /** Successors of several positions at once by one and the same character, each within its set. */
  private common(
    positions: readonly number[],
    within: readonly (ReadonlySet<number> | undefined)[],
  ): number[][] {
    let tuples: number[][] = [[]];
    positions.forEach((position, index) => {
      const allowed = within[index];
      const next = (this.follow[position] ?? []).filter((target) => allowed?.has(target) ?? true);
      this.steps += tuples.length * next.length;
      if (this.steps > MAX_STEPS) throw new AmbiguousRepetition('is too complex to be checked');
      tuples = tuples.flatMap((tuple) =>
        next
          .filter((target) => tuple.every((other) => this.overlaps.at(other, target)))
          .map((target) => [...tuple, target]),
      );
    });
    return tuples;
  }

  /** Polynomial of a high degree: three loops one after another, each pair run through by one text. */
  private checkDegree(loops: readonly (readonly number[])[]): void {
    const chained = loops.map((from) => loops.filter((to) => from !== to && this.isChained(from, to)));
    const isLong = chained.some((next) =>
      next.some((middle) => (chained[loops.indexOf(middle)]?.length ?? 0) > 0),
    );
    if (isLong) throw new AmbiguousRepetition('has three repetitions in a row that match the same text');
  }

  /** True when one text leads from `p` to `p`, from `p` to `q` and from `q` to `q`, for p and q of two loops. */
  private isChained(from: readonly number[], to: readonly number[]): boolean {
    const within = [new Set(from), undefined, new Set(to)];
    return from.some((p) => to.some((q) => this.reaches([p, p, q], [p, q, q], within)));
  }

  private reaches(
    start: readonly number[],
    goal: readonly number[],
    within: readonly (ReadonlySet<number> | undefined)[],
  ): boolean {
    const seen = new Set<string>();
    const pending: (readonly number[])[] = [start];
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      for (const next of this.common(state, within)) {
        if (next.every((position, index) => position === goal[index])) return true;
        const key = next.join();
        if (seen.has(key)) continue;
        seen.add(key);
        pending.push(next);
      }
    }
    return false;
  }
}
