import type { Command } from 'commander';
import type { Context } from './context.js';
import { formatCount, formatTable } from './format.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

interface CleanFlags {
  readonly cacheDir?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const MEGABYTE = 1e6;

/** Adds `lacuna data clean`. */
export function addCleanCommand(data: Command, context: Context): void {
  data
    .command('clean')
    .description('remove the large corpora that train has prepared and kept')
    .option('--cache-dir <dir>', "where they are kept (default: the user's cache directory)")
    .option('--dry-run', 'only say what is kept and how large it is')
    .option('--json', 'print one JSON value on stdout')
    .action(async ({ json, ...flags }: CleanFlags) => {
      const { cleanCache } = await context.loadApi();
      const cleaned = await cleanCache(flags);
      const { stdout } = context.terminal;
      if (json) return printJson(stdout, cleaned);
      const { corpora, sizeBytes, removed, directory } = cleaned;
      const size = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`;
      const rows = corpora.map((corpus) => [corpus.path, size(corpus.sizeBytes)]);
      for (const line of formatTable(rows)) writeLine(stdout, line);
      const what = `${formatCount(corpora.length)} prepared corpora, ${size(sizeBytes)}`;
      writeLine(stdout, `${what}, ${removed ? 'removed from' : 'in'} ${directory}`);
    });
}
