import type { PatternNode, RepeatNode } from './syntax.js';

/** Bounded repetitions up to this size are written out; larger ones count as loops. */
const MAX_WRITTEN_OUT = 64;
const MAX_POSITIONS = 600;

/** Why a pattern cannot be checked, or is exponential by its form alone. */
export class AmbiguousRepetition extends Error {}

/** What part of a pattern can begin and end with; `isNullable` when it matches nothing too. */
interface Fragment {
  readonly isNullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const NOTHING: Fragment = { isNullable: true, first: [], last: [] };

/**
 * Glushkov's automaton of a pattern (Glushkov 1961): one state per leaf, entered by matching that leaf.
 * Assertions and lookarounds match nothing; atomic groups count as groups.
 */
export class PositionAutomaton {
  /** The class that each position matches. */
  readonly sources: string[] = [];
  readonly follow: Set<number>[] = [];
  /** Bodies of lookarounds, to be checked by themselves. */
  readonly lookarounds: PatternNode[] = [];

  /** Throws AmbiguousRepetition for a repetition of what may be nothing, or that can be entered in two ways. */
  constructor(pattern: PatternNode) {
    this.build(pattern);
  }

  private build(node: PatternNode): Fragment {
    switch (node.type) {
      case 'character':
        return this.addPosition(node.source);
      case 'assertion':
        return NOTHING;
      case 'look':
        this.lookarounds.push(node.body);
        return NOTHING;
      case 'atomic':
        return this.build(node.body);
      case 'sequence':
        return this.concatenate(node.items);
      case 'choice':
        return node.options.map((option) => this.build(option)).reduce(either);
      case 'repeat':
        return this.repeat(node);
    }
  }

  private addPosition(source: string): Fragment {
    const position = this.sources.push(source) - 1;
    if (position >= MAX_POSITIONS) throw new AmbiguousRepetition('is too large to be checked');
    this.follow.push(new Set());
    return { isNullable: false, first: [position], last: [position] };
  }

  private concatenate(items: readonly PatternNode[]): Fragment {
    return items.reduce((before: Fragment, item) => {
      const after = this.build(item);
      this.connect(before.last, after.first);
      return {
        isNullable: before.isNullable && after.isNullable,
        first: before.isNullable ? [...before.first, ...after.first] : before.first,
        last: after.isNullable ? [...before.last, ...after.last] : after.last,
      };
    }, NOTHING);
  }

  private repeat({ body, min, max }: RepeatNode): Fragment {
    if (max > 1 && isNullable(body)) throw new AmbiguousRepetition('repeats what may be nothing');
    if (max > 1 && leaves(body) * max <= MAX_WRITTEN_OUT) {
      const optional: RepeatNode = { type: 'repeat', body, min: 0, max: 1, mode: 'greedy' };
      return this.concatenate(Array.from({ length: max }, (_, index) => (index < min ? body : optional)));
    }
    const once = this.build(body);
    if (max > 1) this.connect(once.last, once.first);
    return { ...once, isNullable: once.isNullable || min === 0 };
  }

  private connect(from: readonly number[], to: readonly number[]): void {
    for (const position of from) {
      const next = this.follow[position] as Set<number>;
      for (const target of to) {
        if (next.has(target))
          throw new AmbiguousRepetition('repeats a repetition that has no end of its own');
        next.add(target);
      }
    }
  }
}

function either(a: Fragment, b: Fragment): Fragment {
  return {
    isNullable: a.isNullable || b.isNullable,
    first: [...a.first, ...b.first],
    last: [...a.last, ...b.last],
  };
}

function leaves(node: PatternNode): number {
  switch (node.type) {
    case 'character':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + leaves(item), 0);
    case 'choice':
      return node.options.reduce((sum, option) => sum + leaves(option), 0);
    case 'repeat':
      return leaves(node.body) * (node.max === Number.POSITIVE_INFINITY ? 1 : node.max);
    case 'atomic':
      return leaves(node.body);
    default:
      return 0;
  }
}

function isNullable(node: PatternNode): boolean {
  switch (node.type) {
    case 'character':
      return false;
    case 'sequence':
      return node.items.every(isNullable);
    case 'choice':
      return node.options.some(isNullable);
    case 'repeat':
      return node.min === 0 || isNullable(node.body);
    case 'atomic':
      return isNullable(node.body);
    default:
      return true;
  }
}
