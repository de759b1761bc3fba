import { ConfigError } from '../../core/index.js';
import { countAlphabet } from './alphabet.js';
import { type CountedWords, learnMerges, type Merge } from './merges.js';
import { SymbolWords } from './symbol-words.js';

/** What decides a vocabulary of merged pairs; the names and defaults are those of Hugging Face's BpeTrainer. */
export interface BpeVocabularyOptions {
  /** Number of tokens to reach, special tokens and alphabet included; a small corpus may give fewer. */
  readonly vocabSize: number;
  /** Pairs seen less often than this are not merged; 0 by default. */
  readonly minFrequency?: number;
  /** Characters kept, most frequent first; words are learned without the others; no limit by default. */
  readonly limitAlphabet?: number;
  /** Characters that are in the alphabet whether the words have them or not; of a longer string, its first. */
  readonly initialAlphabet?: Iterable<string>;
  /** Begins every token that continues a word, such as "##"; none by default. */
  readonly continuingSubwordPrefix?: string;
  /** Ends every token that ends a word, such as "</w>"; none by default. */
  readonly endOfWordSuffix?: string;
  /** Tokens of this many characters and more are not formed from tokens that were merged before. */
  readonly maxTokenLength?: number;
  /** Called now and then with the number of tokens so far and the number wanted, at last with both equal. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface BpeVocabulary {
  /** Tokens by id: special tokens, alphabet, its forms with prefix and suffix, merged tokens as learned. */
  readonly tokens: string[];
  readonly merges: readonly Merge[];
}

/**
 * Learns a vocabulary of merged pairs from words and how often each occurs. Throws ConfigError when
 * `vocabSize` has no room for the special tokens and the alphabet.
 */
export function learnBpeVocabulary(
  wordCounts: ReadonlyMap<string, number>,
  specialTokens: readonly string[],
  options: BpeVocabularyOptions,
): BpeVocabulary {
  checkOptions(options);
  const initial = Array.from(options.initialAlphabet ?? [], (text) => [...text].slice(0, 1)).flat();
  const alphabet = countAlphabet(wordCounts, options.limitAlphabet ?? Number.POSITIVE_INFINITY, initial);
  const affixes = new Affixes(options.continuingSubwordPrefix ?? '', options.endOfWordSuffix ?? '');
  const tokens = [...new Set([...specialTokens, ...alphabet])];
  const known = new Set(tokens);
  tokens.push(...affixes.formsOf(alphabet, known, wordCounts.keys()));
  if (tokens.length > options.vocabSize) {
    throw new ConfigError(
      `vocabSize ${options.vocabSize}: expected at least ${tokens.length} for the special tokens and the alphabet; ` +
        'raise it, or lower limitAlphabet',
    );
  }
  const merges = learnMerges(tokens, symbolize(wordCounts, tokens, known, affixes), {
    vocabSize: options.vocabSize,
    minFrequency: options.minFrequency ?? 0,
    continuingSubwordPrefix: affixes.prefix,
    maxTokenLength: options.maxTokenLength,
    onProgress: options.onProgress,
  });
  return { tokens, merges };
}

/** Where in a word a character may stand, other than the forms that are the character itself. */
const KINDS = [
  { isFirst: false, isLast: false },
  { isFirst: true, isLast: true },
  { isFirst: false, isLast: true },
];

/** What is put before characters that continue a word, and after those that end one. */
class Affixes {
  constructor(
    readonly prefix: string,
    private readonly suffix: string,
  ) {}

  form(character: string, isFirst: boolean, isLast: boolean): string {
    return (isFirst ? '' : this.prefix) + character + (isLast ? this.suffix : '');
  }

  /**
   * The new symbols of the words, kind by kind, each in the order of `alphabet`. The reference has them in the
   * order of a randomly seeded hash map of words; see docs/decisions/0006.
   */
  formsOf(alphabet: readonly string[], known: ReadonlySet<string>, words: Iterable<string>): string[] {
    const seen = new Set<string>();
    for (const word of words) forEachSymbol(word, known, this, (symbol) => seen.add(symbol));
    const forms = KINDS.flatMap(({ isFirst, isLast }) =>
      alphabet.map((character) => this.form(character, isFirst, isLast)),
    );
    return [...new Set(forms)].filter((form) => seen.has(form) && !known.has(form));
  }
}

/** Calls `visit` with the symbol of each character of a word; those outside the alphabet are left out. */
function forEachSymbol(
  word: string,
  known: ReadonlySet<string>,
  affixes: Affixes,
  visit: (symbol: string) => void,
): void {
  let at = 0;
  for (const character of word) {
    const end = at + character.length;
    if (known.has(character)) visit(affixes.form(character, at === 0, end === word.length));
    at = end;
  }
}

function symbolize(
  wordCounts: ReadonlyMap<string, number>,
  tokens: readonly string[],
  known: ReadonlySet<string>,
  affixes: Affixes,
): CountedWords {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const counts = new Float64Array(wordCounts.size);
  const starts = new Int32Array(wordCounts.size + 1);
  let length = 0;
  for (const word of wordCounts.keys()) length += word.length;
  const symbols = new Int32Array(length);
  let words = 0;
  let written = 0;
  for (const [word, count] of wordCounts) {
    forEachSymbol(word, known, affixes, (symbol) => {
      symbols[written++] = ids.get(symbol) as number;
    });
    counts[words++] = count;
    starts[words] = written;
  }
  return { words: new SymbolWords(symbols, starts), counts };
}

function checkOptions(options: BpeVocabularyOptions): void {
  checkInteger('vocabSize', options.vocabSize, 1);
  checkInteger('minFrequency', options.minFrequency ?? 0, 0);
  checkInteger('limitAlphabet', options.limitAlphabet ?? 1, 1);
  checkInteger('maxTokenLength', options.maxTokenLength ?? 1, 1);
}

/** Throws ConfigError unless `value` is an integer of at least `least`. */
export function checkInteger(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ConfigError(`${name}: expected an integer of at least ${least}, got ${value}`);
}
