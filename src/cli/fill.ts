import { type Command, Option } from 'commander';
import type { AskApi, JointMethod, LengthCorrection, TargetOrder } from '../ask/index.js';
import { UsageError } from '../core/index.js';
import { addManyOptions, listValue, type ManyFlags, runMany } from './ask-many.js';
import { printJoint, printTargets } from './ask-view.js';
import type { Context } from './context.js';
import { integerBetween, seedValue, topKValue } from './option-values.js';
import { printFill, printJson } from './result-view.js';

const METHODS = ['independent', 'chain', 'mask-predict', 'gibbs', 'beam', 'mrf', 'ag', 'exact'];

const EXAMPLES = `
Examples:
  $ lacuna fill "The [MASK] of the Union" --model models/mine
  $ lacuna fill "We seek [MASK] and [MASK]." --model models/mine --joint chain
  $ lacuna fill "We seek [MASK*] for all." --model models/mine --max-blank 3
  $ lacuna fill "We seek [MASK]." --model models/mine --targets "peace,war,a new deal"
  $ lacuna fill "The [MASK] of the Union" --model models/mine --json
  $ lacuna fill --input texts.txt --out fills.jsonl --model models/mine

--json has the shape of Hugging Face's fill-mask answer: {score, token, token_str, sequence}; a list for one
[MASK], a list of lists for several. docs/asking.md has the methods and the other shapes.`;

interface FillFlags extends ManyFlags {
  readonly model: string;
  readonly topK: number;
  readonly targets?: string[];
  readonly order?: TargetOrder;
  readonly joint?: JointMethod;
  readonly exact?: boolean;
  readonly candidates?: number;
  readonly width?: number;
  readonly samples?: number;
  readonly seed?: number;
  readonly maxBlank?: number;
  readonly lengthCorrection?: LengthCorrection;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Adds `lacuna fill`. */
export function addFillCommand(program: Command, context: Context): void {
  const command = program
    .command('fill')
    .description('fill every [MASK] in a text with its likeliest tokens')
    .argument(
      '[text]',
      'a text with at least one [MASK], or [MASK*] for a blank of unknown length, in quotes',
    )
    .requiredOption('--model <dir>', 'the model directory')
    .option('--top-k <n>', 'candidates for each mask, or fillings', topKValue, 5)
    .option('--targets <words>', 'the probability of these words, separated by commas', listValue)
    .addOption(
      new Option('--order <name>', 'chain rule over the tokens of a target (default: left-to-right)').choices(
        ['left-to-right', 'average'],
      ),
    )
    .addOption(new Option('--joint <method>', 'fill all masks together').choices(METHODS))
    .option('--exact', 'the same as --joint exact: the reference, by enumeration')
    .option(
      '--candidates <n>',
      'likeliest tokens of each mask for --joint (default: 50)',
      integerBetween(1, 5000),
    )
    .option('--width <n>', 'hypotheses of chain and beam (default: 50)', integerBetween(1, 5000))
    .option(
      '--samples <n>',
      'fillings drawn by gibbs and mask-predict (default: 1000)',
      integerBetween(1, 1_000_000),
    )
    .option('--seed <n>', 'seed of every random draw (default: 0)', seedValue)
    .option('--max-blank <n>', 'most tokens of a [MASK*] (default: 3)', integerBetween(1, 20))
    .addOption(
      new Option(
        '--length-correction <name>',
        'how fillings of different lengths compare (default: mean)',
      ).choices(['mean', 'none']),
    )
    .option('--threads <n>', 'threads of ONNX Runtime (default: one for each core)', integerBetween(1, 256));
  addManyOptions(command)
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (text: string | undefined, flags: FillFlags) => {
      checkFlags(text, flags);
      const ask = await context.loadAsk();
      if (text === undefined) await fillFile(ask, context, flags);
      else await fillOne(ask, context, text, flags);
    });
}

function checkFlags(text: string | undefined, flags: FillFlags): void {
  if ((text === undefined) === (flags.input === undefined)) {
    throw new UsageError(
      'expected a text or --input with a file of texts, and not both; see lacuna fill --help',
    );
  }
  if (flags.exact && flags.joint && flags.joint !== 'exact') {
    throw new UsageError(`--exact is --joint exact: leave out --joint ${flags.joint}`);
  }
  if (flags.targets && flags.input !== undefined) {
    throw new UsageError('--targets are asked for one text at a time: give the text instead of --input');
  }
}

/** The joint method that was asked for; a blank of unknown length needs one. */
function methodOf(text: string, { joint, exact }: FillFlags): JointMethod | undefined {
  if (exact) return 'exact';
  return joint ?? (/\*[\]>]/.test(text) && /(\[MASK\*\]|<mask\*>)/i.test(text) ? 'chain' : undefined);
}

async function fillOne(ask: AskApi, context: Context, text: string, flags: FillFlags): Promise<void> {
  const { stdout } = context.terminal;
  const { json, input: _, out: __, format: ___, resume: ____, overwrite: _____, ...options } = flags;
  const method = methodOf(text, flags);
  const { targets } = options;
  if (method) {
    const answer = await ask.fillJoint({ ...options, text, method });
    if (json) printJson(stdout, answer);
    else printJoint(context.terminal, answer);
  } else if (targets) {
    const masks = await ask.fillTargets({ ...options, text, targets });
    if (json) printJson(stdout, masks);
    else printTargets(stdout, masks);
  } else {
    const result = await ask.fill({ ...options, text });
    if (json) printJson(stdout, result);
    else printFill(stdout, result);
  }
}

async function fillFile(ask: AskApi, context: Context, flags: FillFlags): Promise<void> {
  const { json: _, exact, joint, input = '-', out: __, resume: ___, overwrite: ____, ...options } = flags;
  const method = exact ? 'exact' : joint;
  await runMany(context, flags, (many) =>
    ask.fillMany({ ...options, ...many, input, ...(method && { method }) }),
  );
}
