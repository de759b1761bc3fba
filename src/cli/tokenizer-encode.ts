import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import { UsageError } from '../core/index.js';
import type { EncodeOptions, Encoding, TokenColumns, Tokenizer } from '../tokenize/index.js';
import type { Context } from './context.js';
import { formatTable } from './format.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

const STRATEGIES = {
  'longest-first': 'longestFirst',
  'only-first': 'onlyFirst',
  'only-second': 'onlySecond',
} as const;

interface EncodeFlags {
  readonly tokenizer: string;
  readonly pair?: string;
  readonly specialTokens: boolean;
  readonly maxLength?: number;
  readonly stride?: number;
  readonly truncationStrategy?: keyof typeof STRATEGIES;
  readonly truncationSide?: 'left' | 'right';
  readonly padTo?: number;
  readonly paddingSide?: 'left' | 'right';
  readonly bytes?: boolean;
  readonly ids?: boolean;
  readonly json?: boolean;
}

/** Adds `lacuna tokenizer encode`. */
export function addEncode(tokenizer: Command, context: Context): Command {
  const side = (flag: string, description: string) =>
    new Option(`${flag} <side>`, description).choices(['left', 'right']);
  return tokenizer
    .command('encode')
    .description('text to tokens, ids and places in the text')
    .argument('[texts...]', 'texts; without any, the lines of standard input')
    .requiredOption('--tokenizer <path>', 'a tokenizer.json, or a directory with one')
    .option('--pair <text>', 'second text of a pair')
    .option('--no-special-tokens', 'put no special tokens around the text')
    .option(
      '--max-length <n>',
      'tokens kept at most; what is cut off overflows (default: as the tokenizer says)',
      integerBetween(0, 1 << 30),
    )
    .option('--stride <n>', 'tokens that an overflowing part repeats', integerBetween(0, 1 << 30))
    .addOption(
      new Option('--truncation-strategy <text>', 'which text of a pair is cut').choices(
        Object.keys(STRATEGIES),
      ),
    )
    .addOption(side('--truncation-side', 'the side that is cut off (default: right)'))
    .option(
      '--pad-to <n>',
      'tokens to fill up to (default: as the tokenizer says)',
      integerBetween(0, 1 << 20),
    )
    .addOption(side('--padding-side', 'the side that is filled up (default: right)'))
    .option('--bytes', 'places in bytes of UTF-8, not in UTF-16 code units')
    .option('--ids', 'print the ids alone, one text a line')
    .option('--json', 'print one JSON value a text')
    .action(async (texts: string[], flags: EncodeFlags) => {
      const api = await context.loadApi();
      const opened = await api.openTokenizer(flags.tokenizer);
      const options = encodeOptions(flags, opened);
      for await (const text of texts.length > 0 ? texts : standardInput()) {
        const encoding = opened.encode(text, options);
        const given = flags.pair === undefined ? [text] : [text, flags.pair];
        const inBytes = (part: TokenColumns) => ({
          ...part,
          offsets: api.byteOffsetsOf(part, given),
        });
        const shown = flags.bytes
          ? { ...inBytes(encoding), overflowing: encoding.overflowing.map(inBytes) }
          : encoding;
        printEncoding(context.terminal.stdout, shown, flags);
      }
    });
}

function encodeOptions(flags: EncodeFlags, opened: Tokenizer): EncodeOptions {
  const { pair, maxLength, padTo } = flags;
  checkTogether(flags);
  const direction = (side: 'left' | 'right' | undefined) => (side === undefined ? {} : { direction: side });
  return {
    addSpecialTokens: flags.specialTokens,
    ...(pair !== undefined && { pair }),
    ...(maxLength !== undefined && {
      truncation: {
        maxLength,
        strategy: STRATEGIES[flags.truncationStrategy ?? 'longest-first'],
        stride: flags.stride ?? 0,
        ...direction(flags.truncationSide),
      },
    }),
    ...(padTo !== undefined && {
      padding: {
        length: padTo,
        padId: opened.special.pad,
        padToken: opened.idToToken(opened.special.pad) ?? '',
        ...direction(flags.paddingSide),
      },
    }),
  };
}

/** Throws UsageError for an option that would do nothing. */
function checkTogether(flags: EncodeFlags): void {
  const truncating = [flags.stride, flags.truncationStrategy, flags.truncationSide];
  if (flags.maxLength === undefined && truncating.some((value) => value !== undefined)) {
    throw new UsageError('--stride, --truncation-strategy and --truncation-side need --max-length');
  }
  if (flags.padTo === undefined && flags.paddingSide !== undefined) {
    throw new UsageError('--padding-side needs --pad-to');
  }
}

function printEncoding(output: Output, encoding: Encoding, flags: EncodeFlags): void {
  if (flags.json) {
    printJson(output, encoding);
    return;
  }
  if (flags.ids) {
    writeLine(output, encoding.ids.join(' '));
    return;
  }
  printTokens(output, encoding);
  for (const part of encoding.overflowing) {
    writeLine(output, output.colors.bold('overflowing'));
    printTokens(output, part);
  }
}

function printTokens(output: Output, encoding: TokenColumns): void {
  const rows = encoding.ids.map((id, index) => {
    const [start, end] = encoding.offsets[index] ?? [0, 0];
    return [JSON.stringify(encoding.tokens[index]), String(id), String(start), String(end)];
  });
  for (const line of formatTable([['token', 'id', 'start', 'end'], ...rows])) writeLine(output, line);
}

function standardInput(): AsyncIterable<string> {
  return createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
}
