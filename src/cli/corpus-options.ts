import { type Command, Option } from 'commander';
import {
  CORPUS_FORMATS,
  type CorpusOptions,
  corpusOptionsSchema,
  DUPLICATE_THRESHOLD,
} from '../data/index.js';
import { integerBetween, numberBetween } from './option-values.js';

/** What the command line says of how a corpus is read. */
export interface CorpusFlags extends Omit<CorpusOptions, 'textColumn' | 'scripts' | 'extensions'> {
  readonly extension?: readonly string[];
  readonly textColumn?: readonly string[];
  readonly scripts?: readonly string[];
}

const MOST_WORDS = 1e9;

/** Reads a share of five-word stretches from which a document is a duplicate. */
export const duplicateShare = numberBetween(0.5, 1);

const listed = (text: string) => text.split(',').filter((part) => part !== '');

/** Adds the options that every command has which reads a corpus. */
export function addCorpusOptions(command: Command): Command {
  const words = integerBetween(0, MOST_WORDS);
  const characters = numberBetween(0.1, 1e6);
  return command
    .option('--extension <end...>', 'files of a directory to read, by the end of their names')
    .addOption(
      new Option('--format <name>', 'what the files are, whatever their names say').choices(CORPUS_FORMATS),
    )
    .option('--text-column <names>', 'columns of tables that hold the text, joined by line feeds', listed)
    .option('--where <condition>', 'rows of tables to take, in SQL, such as "lang = \'en\' and stars > 3"')
    .option('--match <regex>', 'only texts in which this is found')
    .option('--not-match <regex>', 'only texts in which this is not found')
    .option('--scripts <names>', 'only texts mostly in these Unicode scripts, such as Latin,Greek', listed)
    .option('--min-words <n>', 'only texts of as many words', words)
    .option('--max-words <n>', 'only texts of at most as many words', words)
    .option('--max-symbol-share <x>', 'only texts with at most this share of symbols', numberBetween(0, 1))
    .option('--min-characters-per-word <x>', 'only texts with at least as many', characters)
    .option('--max-characters-per-word <x>', 'only texts with at most as many', characters)
    .option(
      '--max-characters-per-line <x>',
      'only texts whose lines have at most as many on average (minified code: more than 1000)',
      characters,
    )
    .option('--skip-binary', 'leave out files that are not UTF-8 text, instead of an error');
}

/** Adds the corpus options, and those that leave out duplicates, of commands that do not look for duplicates themselves. */
export function addUniqueCorpusOptions(command: Command): Command {
  return addCorpusOptions(command)
    .option('--dedup', 'leave out documents that repeat an earlier one, wholly or nearly')
    .addOption(
      new Option(
        '--dedup-threshold <share>',
        `with --dedup: common five-word stretches of a duplicate (default: ${DUPLICATE_THRESHOLD})`,
      )
        .argParser(duplicateShare)
        .implies({ dedup: true }),
    );
}

/** The corpus options of a command line, and the rest of its flags; no `corpus` where nothing was said. */
export function splitCorpusFlags<Flags extends CorpusFlags>(
  flags: Flags,
): { readonly corpus?: CorpusOptions; readonly rest: Omit<Flags, keyof CorpusFlags> } {
  const { extension, ...others } = flags;
  const named = Object.entries({ ...others, ...(extension && { extensions: extension }) });
  const isCorpus = ([name]: readonly [string, unknown]) => name in corpusOptionsSchema.shape;
  const corpus = corpusOptionsSchema.parse(Object.fromEntries(named.filter(isCorpus)));
  const rest = Object.fromEntries(named.filter((entry) => !isCorpus(entry))) as Omit<
    Flags,
    keyof CorpusFlags
  >;
  return { ...(Object.keys(corpus).length > 0 && { corpus }), rest };
}
