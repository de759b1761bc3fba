import type { Command } from 'commander';
import type { AuditMaskingOptions, MaskingAudit } from '../api/index.js';
import { UsageError } from '../core/index.js';
import type { Context } from './context.js';
import { ExitStatus } from './exit-status.js';
import { formatCount, formatTable } from './format.js';
import { collectMaskingOptions, rateValue } from './masking-options.js';
import { integerBetween, seedValue } from './option-values.js';
import { type Output, writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna audit-masking corpus/ --masking span --masking-options p=0.3
  $ lacuna audit-masking corpus/ --masking all --planted all
  $ lacuna audit-masking collated.jsonl --jsonl --tokenizer models/bert --mask-rate 0.15 --json

Tests what happened against what was declared: rate, mask/random/keep, the distribution of replacements, special tokens,
loss exactly on what is predicted, no sequence without a mask. Exit status 1 when anything failed.`;

/** How many impossible things are printed for one audit. */
const MOST_INCIDENTS = 8;

type AuditFlags = Omit<AuditMaskingOptions, 'paths' | 'extensions' | 'masking' | 'planted'> & {
  readonly masking?: string[];
  readonly planted?: string[];
  readonly extension?: string[];
  readonly json?: boolean;
};

/** Adds `lacuna audit-masking`. */
export function addAuditMaskingCommand(program: Command, context: Context): void {
  program
    .command('audit-masking')
    .description('prove what a masking does: a million decisions against what is declared')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text; with --jsonl, of masked sequences')
    .option('--masking <name...>', 'strategies, or all (default: uniform)')
    .option('--masking-options <key=value>', 'an option of masking; repeatable', collectMaskingOptions)
    .option('--mask-rate <rate>', 'declared share of tokens to predict (default: 0.15)', rateValue)
    .option('--planted <name...>', 'historical bugs to audit instead, or all')
    .option('--jsonl', 'audit lines {"input_ids", "labels", "original_ids"?} of another collator')
    .option('--tokenizer <path>', 'a tokenizer.json, or a directory with one (default: WordPiece is learned)')
    .option('--extension <end...>', 'files of a directory to read, by the end of their names')
    .option('--decisions <n>', 'tokens to decide about (default: 1000000)', integerBetween(1, 1e9))
    .option('--seed <n>', 'seed of the masks', seedValue)
    .option('--sequence-length <n>', 'tokens in a sequence', integerBetween(8, 8192))
    .option('--vocab-size <n>', 'entries of the vocabulary', integerBetween(100, 262_144))
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], { masking, planted, extension, json, ...flags }: AuditFlags) => {
      const api = await context.loadApi();
      const subjects = subjectsOf(api.STRATEGY_NAMES, Object.keys(api.PLANTED_BUGS), { masking, planted });
      if (flags.jsonl && (masking || planted)) {
        throw new UsageError('--jsonl audits what it reads: give neither --masking nor --planted');
      }
      const audits: MaskingAudit[] = [];
      for (const subject of subjects) {
        const options = { ...flags, ...subject, paths, ...(extension && { extensions: extension }) };
        audits.push(await api.auditMasking(options));
      }
      const { stdout } = context.terminal;
      if (json) writeLine(stdout, JSON.stringify(audits, infiniteAsText, 2));
      else printAudits(stdout, audits);
      if (audits.some(({ passed }) => !passed)) context.exitStatus = ExitStatus.failed;
    });
}

type Subject = Pick<AuditMaskingOptions, 'masking' | 'planted'>;

function subjectsOf(
  strategies: readonly string[],
  bugs: readonly string[],
  { masking, planted }: { masking?: string[] | undefined; planted?: string[] | undefined },
): Subject[] {
  const expand = (given: readonly string[], all: readonly string[]) =>
    given.flatMap((name) => (name === 'all' ? all : [name]));
  const names = masking ?? (planted ? [] : ['uniform']);
  return [
    ...expand(names, strategies).map((name) => ({ masking: name })),
    ...expand(planted ?? [], bugs).map((name) => ({ planted: name })),
  ];
}

/** JSON has no infinity. */
function infiniteAsText(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? 'Infinity' : value;
}

function printAudits(output: Output, audits: readonly MaskingAudit[]): void {
  for (const audit of audits) {
    const verdict = audit.passed ? output.colors.green('passed') : output.colors.red('FAILED');
    const facts = `${formatCount(audit.decisions)} decisions, ${formatCount(audit.predicted)} predictions`;
    writeLine(output, `${output.colors.bold(audit.subject)}: ${verdict} (${facts})`);
    const rows = audit.checks.map((check) => [
      `  ${check.passed ? 'ok  ' : 'FAIL'} ${check.name}`,
      check.expected,
      check.observed,
      check.pValue === undefined ? '' : `p ${formatP(check.pValue)}`,
      check.klNats === undefined ? '' : `KL ${formatDivergence(check.klNats)}`,
    ]);
    for (const line of formatTable(rows)) writeLine(output, line);
    for (const line of incidentLines(audit)) writeLine(output, output.colors.red(line));
    writeLine(output);
  }
  if (audits.length > 1) for (const line of formatTable(summaryRows(audits))) writeLine(output, line);
}

/** A row for each audit: p-values of what is left to chance, the worst divergence, the first impossible thing. */
function summaryRows(audits: readonly MaskingAudit[]): string[][] {
  const rows = audits.map((audit) => {
    const p = (name: string) => formatP(audit.checks.find((check) => check.name === name)?.pValue ?? 1);
    const worst = Math.max(...audit.checks.map(({ klNats }) => klNats ?? 0));
    const [incident] = audit.incidents;
    return [
      audit.subject,
      formatCount(audit.decisions),
      formatCount(audit.predicted),
      p('rate'),
      p('mask/random/keep'),
      p('replacements'),
      formatDivergence(worst),
      audit.passed ? 'passed' : 'FAILED',
      incident ? `${incident.what} ${formatCount(incident.count)}x` : '',
    ];
  });
  const header = [
    'masking',
    'decisions',
    'predicted',
    'p rate',
    'p 80/10/10',
    'p random',
    'worst KL',
    '',
    'impossible',
  ];
  return [header, ...rows];
}

const formatP = (p: number) => (p === 0 ? '0' : p < 1e-3 ? p.toExponential(1) : p.toFixed(3));
const formatDivergence = (nats: number) => (Number.isFinite(nats) ? nats.toFixed(6) : 'infinite');

/** Which id, how often, where. */
function incidentLines({ incidents, incidentTokens }: MaskingAudit): string[] {
  const lines = incidents.slice(0, MOST_INCIDENTS).map(({ what, id, count, sequence, position }, index) => {
    const which = id === undefined ? '' : ` id ${id} ${JSON.stringify(incidentTokens[index])}`;
    const where =
      position === undefined ? `sequence ${sequence}` : `sequence ${sequence}, position ${position}`;
    return `  ${what}:${which} ${formatCount(count)} times, first in ${where}`;
  });
  const more = incidents.length - lines.length;
  return more > 0 ? [...lines, `  and ${formatCount(more)} more ids`] : lines;
}
