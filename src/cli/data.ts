import type { Command } from 'commander';
import type { Context } from './context.js';
import { addCleanCommand } from './data-clean.js';
import { addDedupCommand } from './data-dedup.js';
import { addPrepareCommand } from './data-prepare.js';
import { addStatsCommand } from './data-stats.js';

const EXAMPLES = `
Examples:
  $ lacuna data stats corpus/
  $ lacuna data stats reviews.parquet --text-column body --where "lang = 'en'"
  $ lacuna data stats src/ --extension .ts .tsx --max-characters-per-line 1000 --skip-binary
  $ lacuna data dedup corpus/ --out unique/
  $ lacuna data dedup "mails/**/*.txt" --out unique/ --threshold 0.9 --json > report.json
  $ lacuna data prepare corpus/ --out prepared/`;

/** Adds `lacuna data stats|dedup|prepare|clean`. */
export function addDataCommand(program: Command, context: Context): void {
  const data = program
    .command('data')
    .description('look at a corpus, and leave out what it says twice')
    .addHelpText('after', EXAMPLES);
  addStatsCommand(data, context);
  addDedupCommand(data, context);
  addPrepareCommand(data, context);
  addCleanCommand(data, context);
}
