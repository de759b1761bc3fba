import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { ConfigError } from '../core/index.js';
import { writeInPlace } from '../files/index.js';
import {
  CURVE_NAMES,
  CURVE_TITLES,
  type CurveName,
  curveOf,
  differenceBetween,
  findRuns,
  htmlReport,
  type RunHistory,
  readRun,
  recentMean,
  runFigures,
  svgPlot,
  terminalPlot,
} from '../runs/index.js';
import type { Context } from './context.js';
import { formatCount, formatTable } from './format.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

const PLOT = { width: 64, height: 12 } as const;

const EXAMPLES = `
Examples:
  $ lacuna runs list models/
  $ lacuna runs show models/mine.run
  $ lacuna runs compare models/a.run models/b.run --curve held-out-loss --report compared.html`;

interface ShowFlags {
  readonly curve: CurveName;
  readonly report?: string;
  readonly json?: boolean;
}

/** Adds `lacuna runs list|show|compare`. */
export function addRunsCommand(program: Command, context: Context): void {
  const { stdout } = context.terminal;
  const runs = program
    .command('runs')
    .description('look at training runs: their state, curves and differences')
    .addHelpText('after', EXAMPLES);
  runs
    .command('list')
    .description('all runs in and below a directory')
    .argument('[directory]', 'where to look', '.')
    .option('--json', 'print one JSON value on stdout')
    .action(async (directory: string, { json }: ShowFlags) => {
      const histories = await Promise.all((await findRuns(directory)).map(readRun));
      if (json) printJson(stdout, histories.map(summaryOf));
      else printList(stdout, histories);
    });
  const withView = (command: Command) =>
    command
      .addOption(new Option('--curve <name>', 'what to plot').choices([...CURVE_NAMES]).default('loss'))
      .option('--report <file>', 'write a page (.html) or one plot (.svg)')
      .option('--json', 'print one JSON value on stdout');
  withView(runs.command('show').description('one run').argument('<run>', 'a run directory')).action(
    async (directory: string, flags: ShowFlags) => view(stdout, [await readRun(directory)], flags),
  );
  withView(
    runs.command('compare').description('several runs side by side').argument('<runs...>', 'run directories'),
  ).action(async (directories: string[], flags: ShowFlags) => {
    const histories: RunHistory[] = [];
    for (const directory of directories) histories.push(await readRun(directory));
    await view(stdout, histories, flags);
  });
}

function summaryOf(history: RunHistory): Record<string, unknown> {
  return { directory: history.directory, ...runFigures(history), identity: history.run.identity };
}

function printList(output: Output, histories: readonly RunHistory[]): void {
  if (histories.length === 0) {
    writeLine(output, 'no runs here; lacuna train makes one beside each model');
    return;
  }
  const rows = histories.map((history) => {
    const { directory, status, steps, run } = history;
    const loss = steps.length > 0 ? recentMean(history).toFixed(3) : '';
    return [directory, status, formatCount(steps.at(-1)?.step ?? 0), loss, run.createdAt.slice(0, 16)];
  });
  const [header = '', ...lines] = formatTable([['run', 'status', 'steps', 'loss', 'begun'], ...rows]);
  writeLine(output, output.colors.bold(header));
  for (const line of lines) writeLine(output, line);
}

async function view(output: Output, histories: readonly RunHistory[], flags: ShowFlags): Promise<void> {
  if (flags.report !== undefined) await writeReport(flags.report, histories, flags.curve);
  if (flags.json) {
    printJson(output, histories.length === 1 ? histories.map(summaryOf)[0] : histories.map(summaryOf));
    return;
  }
  printFigures(output, histories);
  writeLine(output);
  writeLine(output, CURVE_TITLES[flags.curve]);
  const curves = histories.map((history) => curveOf(history, flags.curve));
  for (const line of terminalPlot(curves, PLOT, painter(output))) writeLine(output, line);
  if (flags.report !== undefined) writeLine(output, `report written to ${resolve(flags.report)}`);
}

function printFigures(output: Output, histories: readonly RunHistory[]): void {
  const paint = painter(output);
  const figures = histories.map(runFigures);
  const rows = Object.keys(figures[0] ?? {}).map((key) => [key, ...figures.map((each) => each[key] ?? '')]);
  const [header = '', ...lines] = formatTable([['', ...histories.map(({ name }) => name)], ...rows]);
  writeLine(output, output.colors.bold(header));
  for (const line of lines) writeLine(output, line);
  const [first, ...others] = histories;
  for (const [index, other] of others.entries()) {
    const difference = first && differenceBetween(first, other);
    const text = difference ?? 'the same in all that their numbers depend on';
    writeLine(output, `${paint(other.name, index + 1)} beside ${first?.name}: ${text}`);
  }
}

function painter({ colors }: Output): (text: string, curve: number) => string {
  const paints = [colors.cyan, colors.yellow, colors.green, colors.magenta, colors.blue, colors.red];
  return (text, curve) => (paints[curve % paints.length] ?? String)(text);
}

async function writeReport(path: string, histories: readonly RunHistory[], curve: CurveName): Promise<void> {
  const isSvg = path.endsWith('.svg');
  if (!isSvg && !path.endsWith('.html')) {
    throw new ConfigError(`--report '${path}': expected a name that ends in .html or .svg`);
  }
  const curves = histories.map((history) => curveOf(history, curve));
  const text = isSvg ? `${svgPlot(CURVE_TITLES[curve], curves)}\n` : htmlReport(histories);
  await writeInPlace(path, text);
}
