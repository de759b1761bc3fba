import { Command, CommanderError } from 'commander';
import { errorMessage, LacunaError } from '../core/index.js';
import { lacunaVersion } from '../hub/index.js';
import { addAuditMaskingCommand } from './audit-masking.js';
import { addBenchCommand } from './bench.js';
import { addClassifyCommand, addTagCommand } from './classify.js';
import { addCompareJointCommand } from './compare-joint.js';
import { addCompareMaskingCommand } from './compare-masking.js';
import type { Context } from './context.js';
import { addDataCommand } from './data.js';
import { addDemoCommand } from './demo.js';
import { addEmbedCommand } from './embed.js';
import { addEvalCommand } from './eval.js';
import { ExitStatus, exitStatusOf } from './exit-status.js';
import { addExplainCommand } from './explain.js';
import { addExportCommand } from './export.js';
import { addFillCommand } from './fill.js';
import { addImportCommand } from './import.js';
import { addRunsCommand } from './runs.js';
import { addScoreCommand } from './score.js';
import { addSimilarCommand } from './similar.js';
import { writeLine } from './terminal.js';
import { addTokenizerCommand } from './tokenizer.js';
import { addTrainCommand } from './train.js';
import { addTuneCommand } from './tune.js';

const EXAMPLES = `
Examples:
  $ lacuna train corpus/ --out models/mine --budget 10m
  $ lacuna fill "The [MASK] of the Union" --model models/mine
  $ lacuna eval unseen/ --model models/mine

Exit status: 0 done, 1 failed, 2 usage, 130 interrupted before anything could be saved.`;

function createProgram(context: Context): Command {
  const { stdout, stderr } = context.terminal;
  const program = new Command('lacuna')
    .description('Masked language modelling: train a model on your text, fill gaps with it, measure it.')
    .version(lacunaVersion(), '--version', 'print the version')
    .helpOption('--help', 'show help')
    .option('--debug', 'print the stack of an error')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.stream.write(text),
      writeErr: (text) => stderr.stream.write(text),
      outputError: () => {}, // reported once, by `run`
    });
  addTrainCommand(program, context);
  addFillCommand(program, context);
  addScoreCommand(program, context);
  addEmbedCommand(program, context);
  addSimilarCommand(program, context);
  addExplainCommand(program, context);
  addEvalCommand(program, context);
  addTuneCommand(program, context);
  addClassifyCommand(program, context);
  addTagCommand(program, context);
  addExportCommand(program, context);
  addImportCommand(program, context);
  addCompareJointCommand(program, context);
  addDemoCommand(program, context);
  addBenchCommand(program, context);
  addTokenizerCommand(program, context);
  addCompareMaskingCommand(program, context);
  addAuditMaskingCommand(program, context);
  addRunsCommand(program, context);
  addDataCommand(program, context);
  return program;
}

/** Commander's message as one line in Lacuna's style. */
function usageMessage(error: CommanderError): string {
  const message = error.message.replace(/^error: /, '');
  if (message.includes('(Did you mean')) {
    return message.replace(/\s*\(Did you mean (one of )?(.*?)\?\)/s, '; did you mean $1$2?');
  }
  return `${message.replace(/\.$/, '')}; see lacuna --help`;
}

/** Prints a failure as one line, or with its stack when debugging, and gives the exit status. */
function report(error: unknown, context: Context, debug: boolean): number {
  const { stderr } = context.terminal;
  const isUsage = error instanceof CommanderError;
  if (isUsage && error.exitCode === 0) return ExitStatus.ok; // help or version, already printed
  if (isUsage && error.code === 'commander.help') return ExitStatus.usage; // no command: help, already printed
  let message = isUsage ? usageMessage(error) : errorMessage(error);
  if (!isUsage && !(error instanceof LacunaError) && !debug) {
    message += ' (unexpected; --debug shows where)';
  }
  writeLine(stderr, `${stderr.colors.red('lacuna:')} ${message.replace(/\s*\n\s*/g, ' ')}`);
  if (debug && error instanceof Error) writeLine(stderr, error.stack);
  const isInterruption = error instanceof LacunaError && error.code === 'interrupted';
  if (isInterruption && context.exitStatus !== ExitStatus.ok) return context.exitStatus; // that of its signal
  return isUsage ? ExitStatus.usage : exitStatusOf(error);
}

/** Runs the command line `args` (without node and script) and gives the exit status; never throws. */
export async function run(args: readonly string[], context: Context): Promise<number> {
  const program = createProgram(context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return context.exitStatus;
  } catch (error) {
    return report(error, context, program.opts().debug === true);
  }
}
