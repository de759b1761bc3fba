import { createContext, Script } from 'node:vm';
import { ConfigError, errorMessage } from '../../core/index.js';
import type { Document } from '../document.js';
import type { CorpusOptions } from './options.js';

/** Says which texts of a group are taken. */
interface Filter {
  /** As the option is written on the command line. */
  readonly name: string;
  readonly takes: (texts: readonly string[]) => readonly boolean[];
}

/** Documents that filters left out, by the option that did; the first one that does counts. */
export type LeftOut = Readonly<Record<string, number>>;

/** More time than that for a mebibyte of text, and a regular expression will never be done with it. */
const REGEX_MS = 10_000;

/** Applies the filters of a corpus and counts what they leave out. */
export class Filters {
  private readonly filters: readonly Filter[];
  private readonly counts = new Map<string, number>();

  /** Throws a ConfigError for a regular expression or a script that does not exist. */
  constructor(options: CorpusOptions) {
    this.filters = [...regexFilters(options), ...scriptFilters(options), ...measureFilters(options)];
  }

  /** Whether every document is taken. */
  get isEmpty(): boolean {
    return this.filters.length === 0;
  }

  /** Throws a ConfigError for a regular expression that takes too long. */
  apply(documents: readonly Document[]): readonly Document[] {
    let kept = documents;
    for (const { name, takes } of this.filters) {
      const taken = takes(kept.map(({ text }) => text));
      const left = kept.filter((_, index) => taken[index]);
      if (left.length < kept.length) this.count(name, kept.length - left.length);
      kept = left;
    }
    return kept;
  }

  /** Counts what was left out before it came here. */
  count(name: string, documents: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + documents);
  }

  leftOut(): LeftOut {
    return Object.fromEntries(this.counts);
  }
}

function regexFilters({ match, notMatch }: CorpusOptions): Filter[] {
  const filters: Filter[] = [];
  if (match !== undefined) filters.push(regexFilter('--match', match, true));
  if (notMatch !== undefined) filters.push(regexFilter('--not-match', notMatch, false));
  return filters;
}

/** Runs in a context of its own, because that is how JavaScript can stop a regular expression that backtracks for ever. */
function regexFilter(name: string, source: string, wanted: boolean): Filter {
  const globals = { regex: compiled(name, source), texts: [] as readonly string[] };
  const context = createContext(globals);
  const script = new Script('texts.map((text) => regex.test(text))');
  return {
    name,
    takes: (texts) => {
      globals.texts = texts;
      try {
        const found: boolean[] = script.runInContext(context, { timeout: REGEX_MS });
        return found.map((each) => each === wanted);
      } catch (cause) {
        throw new ConfigError(
          `${name} ${source}: ${errorMessage(cause)}; it backtracks too much, as nested repetitions do: write it otherwise`,
          { cause },
        );
      } finally {
        globals.texts = [];
      }
    },
  };
}

function compiled(option: string, source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (cause) {
    throw new ConfigError(`${option}: ${errorMessage(cause)}`, { cause });
  }
}

/** Most letters of a text have to be of the scripts. */
function scriptFilters({ scripts }: CorpusOptions): Filter[] {
  if (!scripts) return [];
  const classes = scripts.map((script) => {
    if (!/^\w+$/.test(script))
      throw new ConfigError(`--scripts: '${script}' is no Unicode script, such as Latin`);
    return `\\p{Script=${script}}`;
  });
  const letter = /\p{L}/gu;
  let wanted: RegExp;
  try {
    wanted = new RegExp(`(?=\\p{L})[${classes.join('')}]`, 'gu');
  } catch (cause) {
    throw new ConfigError(`--scripts ${scripts.join(',')}: expected Unicode scripts such as Latin or Greek`, {
      cause,
    });
  }
  return [
    {
      name: '--scripts',
      takes: (texts) => texts.map((text) => countOf(text, wanted) * 2 > countOf(text, letter)),
    },
  ];
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const SYMBOL = /[^\p{L}\p{N}\p{M}\s]/gu;

/** Number of characters of a text that are neither letters, digits, marks nor white space. */
export const symbolsOf = (text: string) => countOf(text, SYMBOL);

/** Words are stretches of letters, digits and marks. */
export const wordsOf = (text: string) => text.match(WORD) ?? [];

function measureFilters(options: CorpusOptions): Filter[] {
  const { minWords, maxWords, maxSymbolShare, minCharactersPerWord, maxCharactersPerWord } = options;
  const perLine = (text: string) => text.length / text.trim().split('\n').length;
  const words = (text: string) => countOf(text, WORD);
  const symbols = (text: string) => symbolsOf(text) / Math.max(1, text.length);
  const perWord = (text: string) => text.length / Math.max(1, words(text));
  return [
    ...measureFilter('--min-words', minWords, words, 'least'),
    ...measureFilter('--max-words', maxWords, words, 'most'),
    ...measureFilter('--max-symbol-share', maxSymbolShare, symbols, 'most'),
    ...measureFilter('--min-characters-per-word', minCharactersPerWord, perWord, 'least'),
    ...measureFilter('--max-characters-per-word', maxCharactersPerWord, perWord, 'most'),
    ...measureFilter('--max-characters-per-line', options.maxCharactersPerLine, perLine, 'most'),
  ];
}

function measureFilter(
  name: string,
  bound: number | undefined,
  measure: (text: string) => number,
  side: 'least' | 'most',
): Filter[] {
  if (bound === undefined) return [];
  const takes = (text: string) => (side === 'least' ? measure(text) >= bound : measure(text) <= bound);
  return [{ name, takes: (texts) => texts.map(takes) }];
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
