import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type {
  BenchOptions,
  BenchResult,
  EvaluateOptions,
  EvaluationResult,
  TrainOptions,
  TrainResult,
} from '../api/index.js';
import type { AskApi, FillCandidate } from '../ask/index.js';
import { ConfigError, DataError, LacunaError } from '../core/index.js';
import type { Api } from './context.js';
import { run } from './run.js';
import type { Output } from './terminal.js';

const heldOut: EvaluationResult = {
  lossNats: 4.25,
  perplexity: 70.1,
  accuracy: 0.25,
  top5Accuracy: 0.45,
  bitsPerByte: 1.5,
  maskedTokens: 1234,
  baselines: { unigram: { lossNats: 5.5, accuracy: 0.08 }, cloze: { lossNats: 4.75, accuracy: 0.2 } },
};

const trained: TrainResult = {
  modelDir: 'models/x',
  interrupted: false,
  seed: 0,
  steps: 10,
  tokens: 4096,
  parameters: 1000,
  trainMs: 1000,
  totalMs: 2000,
  tokensPerSecond: 4096,
  config: {
    layers: 2,
    hidden: 64,
    heads: 2,
    feedForward: 128,
    vocabSize: 400,
    sequenceLength: 16,
    batchSize: 8,
    learningRate: 0.001,
    maskRate: 0.15,
  },
  heldOut,
};

const candidate = (token_str: string, score: number): FillCandidate => ({
  score,
  token: 7,
  token_str,
  sequence: `the ${token_str}`,
});

function output(isLive: boolean): { output: Output; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: isLive, columns: 200 });
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { output: { stream, colors: pc.createColors(false), isLive }, text: () => text };
}

/** Runs a command line against a library that is made up. */
async function runCommand(args: readonly string[], api: Partial<Api & AskApi> = {}, isLive = false) {
  const stdout = output(isLive);
  const stderr = output(isLive);
  const unexpected = () => Promise.reject(new Error('not expected'));
  const status = await run(args, {
    terminal: { stdout: stdout.output, stderr: stderr.output },
    loadApi: async () => ({
      train: unexpected,
      evaluate: unexpected,
      exportModel: unexpected,
      tune: unexpected,
      classify: unexpected,
      tag: unexpected,
      bench: unexpected,
      growth: unexpected,
      growthChart: () => '',
      prepareData: unexpected,
      cleanCache: unexpected,
      trainTokenizer: unexpected,
      openTokenizer: unexpected,
      inspectTokenizer: unexpected,
      compareMasking: unexpected,
      comparisonSvg: () => '<svg/>',
      auditMasking: unexpected,
      STRATEGY_NAMES: ['uniform', 'span'],
      PLANTED_BUGS: { 'never-masks': {} },
      importModel: unexpected,
      byteOffsetsOf: () => [],
      benchMachine: () => ({ cpu: 'made up', cores: 2, threads: 2, memoryBytes: 1 }),
      PRESET_NAMES: ['tiny', 'mini'],
      ...api,
    }),
    loadAsk: async () => ({
      fill: unexpected,
      fillTargets: unexpected,
      fillJoint: unexpected,
      fillMany: unexpected,
      score: unexpected,
      scorePairs: unexpected,
      scoreMany: unexpected,
      embed: unexpected,
      embedMany: unexpected,
      similar: unexpected,
      explain: unexpected,
      explanationHtml: () => 'a page',
      explanationSvg: () => 'a picture',
      ...api,
    }),
    exitStatus: 0,
  });
  await new Promise(setImmediate);
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

/** Runs `train` and gives what the library was called with. */
async function trainOptionsOf(args: readonly string[]): Promise<TrainOptions | undefined> {
  let seen: TrainOptions | undefined;
  const train = async (options: TrainOptions) => {
    seen = options;
    return trained;
  };
  await runCommand(['train', ...args], { train });
  return seen;
}

describe('train', () => {
  it('passes its options on', async () => {
    const { signal, onEvent, ...options } =
      (await trainOptionsOf(['a', 'b', '--out', 'o', '--budget', '1.5h', '--heads', '4', '--overwrite'])) ??
      {};
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(onEvent).toBeTypeOf('function');
    expect(options).toEqual({
      paths: ['a', 'b'],
      out: 'o',
      budgetMs: 5_400_000,
      seed: 0,
      heads: 4,
      overwrite: true,
    });
  });

  it('refuses a preset or an optimizer that there is not', async () => {
    const wrong = await runCommand(['train', 'a', '--out', 'o', '--preset', 'huge'], {});
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('tiny, mini, small, base');
    const chosen = await trainOptionsOf(['a', '--out', 'o', '--preset', 'mini', '--optimizer', 'adamw']);
    expect(chosen).toMatchObject({ preset: 'mini', optimizer: 'adamw' });
  });

  it('takes two minutes unless told otherwise, and steps instead of time', async () => {
    expect((await trainOptionsOf(['a', '--out', 'o']))?.budgetMs).toBe(120_000);
    const bySteps = await trainOptionsOf(['a', '--out', 'o', '--steps', '7']);
    expect(bySteps?.steps).toBe(7);
    expect(bySteps).not.toHaveProperty('budgetMs');
  });

  it('prints held-out figures beside the baselines, and where the model is', async () => {
    const { status, stdout } = await runCommand(['train', 'a', '--out', 'o'], { train: async () => trained });
    expect(status).toBe(0);
    expect(stdout).toMatch(/Lacuna +4\.250 +70\.1 +25\.0 % +45\.0 %/);
    expect(stdout).toMatch(/n-gram cloze +4\.750 +115\.6 +20\.0 %/);
    expect(stdout).toMatch(/unigram +5\.500 +244\.7 +8\.0 %/);
    expect(stdout).toContain('1.250 nats per masked token below the unigram');
    expect(stdout).toContain('model saved to models/x');
  });

  it('with --json prints one JSON value on stdout and the rest on stderr', async () => {
    const train = async ({ onEvent }: TrainOptions) => {
      onEvent?.({ type: 'stage', stage: 'read', detail: 'two files' });
      return trained;
    };
    const { stdout, stderr } = await runCommand(['train', 'a', '--out', 'o', '--json'], { train });
    expect(JSON.parse(stdout)).toEqual(trained);
    expect(stderr).toContain('two files');
    expect(stderr).toContain('model saved to models/x');
  });

  it.each([false, true])('shows stages and progress (live: %s)', async (isLive) => {
    const train = async ({ onEvent }: TrainOptions) => {
      onEvent?.({ type: 'stage', stage: 'train', detail: 'for a while' });
      for (const elapsedMs of [0, 1000, 2000, 5000, 6000, 10_000]) {
        onEvent?.({
          type: 'progress',
          step: elapsedMs / 1000,
          totalSteps: 10,
          lossNats: 6,
          maskedAccuracy: 0.125,
          tokensPerSecond: 12_345,
          shareOfPeak: 0.614,
          learningRate: 0.001,
          gradientNorm: 0.5,
          skippedSteps: 2,
          memoryBytes: 123e6,
          lastCheckpointStep: 1234,
          elapsedMs,
          remainingMs: 100_000 - elapsedMs,
        });
      }
      onEvent?.({ type: 'stage', stage: 'save', detail: 'models/x' });
      return trained;
    };
    const { stderr } = await runCommand(['train', 'a', '--out', 'o'], { train }, isLive);
    expect(stderr).toContain('train      for a while');
    const gap = isLive ? '   ' : '  ';
    const speed = ['loss 6.000 nats', 'masked accuracy 12.5 %', '12,345 tokens/s', '61 % of peak'];
    const condition = ['learning rate 1.0e-3', 'gradient 0.50', '123 MB', '2 skipped', 'checkpoint 1,234'];
    const items = isLive ? [...speed, ...condition] : [...speed, '1m 30s left', ...condition];
    expect(stderr).toContain(items.join(gap));
    if (isLive) expect(stderr).toMatch(/███░+ +10\.0 % {3}step 10 {3}1m 30s left$/m);
    expect(stderr).toContain('save       models/x');
    if (!isLive) expect(stderr.match(/^step /gm)).toHaveLength(3);
  });

  it('says that an interrupted run was saved; SIGTERM shows in the status', async () => {
    const train = async ({ signal }: TrainOptions) => {
      process.emit('SIGTERM', 'SIGTERM');
      process.emit('SIGTERM', 'SIGTERM'); // the same press, passed on by a launcher
      expect(signal?.aborted).toBe(true);
      return { ...trained, interrupted: true };
    };
    const { status, stdout, stderr } = await runCommand(['train', 'a', '--out', 'o'], { train });
    expect(stderr).toContain('finishing the step and saving');
    expect(stdout).toContain('interrupted after 10 steps; model saved to models/x');
    expect(status).toBe(143);
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });
});

describe('fill', () => {
  const one = [candidate('state', 0.5), candidate('government', 0.1)];

  it('prints a table with bars', async () => {
    const { stdout } = await runCommand(['fill', 'the [MASK]', '--model', 'm'], { fill: async () => one });
    expect(stdout).toBe('  state        50.0 %  ████████████\n  government   10.0 %  ██▍\n');
  });

  it('prints every mask', async () => {
    const fill = async () => [one, [candidate('war', 1)]];
    const { stdout } = await runCommand(['fill', '[MASK] [MASK]', '--model', 'm', '--top-k', '1'], { fill });
    expect(stdout).toMatch(/mask 1 of 2\n.*state.*mask 2 of 2\n.*war/s);
  });

  it('with --json prints what the library gives', async () => {
    const fill = async () => one;
    const { stdout, stderr } = await runCommand(['fill', 'x', '--model', 'm', '--json'], { fill });
    expect(JSON.parse(stdout)).toEqual(one);
    expect(stderr).toBe('');
  });
});

describe('asking', () => {
  it.each([
    [['fill', '--model', 'm'], 'expected a text or --input with a file of texts, and not both'],
    [['fill', 'x', '--input', 'y', '--model', 'm'], 'expected a text or --input'],
    [['fill', 'x', '--exact', '--joint', 'ag', '--model', 'm'], '--exact is --joint exact'],
    [
      ['fill', '--input', 'y', '--targets', 'a', '--model', 'm'],
      '--targets are asked for one text at a time',
    ],
    [['fill', 'x', '--targets', 'a,,b', '--model', 'm'], 'Expected words separated by commas'],
    [['score', '--model', 'm'], 'expected texts or --input'],
    [['score', 'x', '--pairs', '--model', 'm'], '--pairs takes two texts for each pair, got 1'],
    [['embed', '--model', 'm'], 'expected texts or --input'],
    [['embed', 'x', '--layer', 'top', '--model', 'm'], 'Expected a layer'],
    [['similar', 'x', '--model', 'm'], 'expected texts to search or --input'],
    [['explain', 'x', '--out', 'a.png', '--model', 'm'], '--out must end in .html, .svg or .json'],
  ])('%s is a usage error', async (args, message) => {
    const { status, stderr } = await runCommand(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it('asks for joint fills by method, and by chain for a blank of unknown length', async () => {
    const methods: unknown[] = [];
    const fillJoint: AskApi['fillJoint'] = async ({ method = 'chain' }) => {
      methods.push(method);
      return {
        method,
        meaning: 'what it is',
        isWhole: true,
        lengthCorrection: 'mean',
        lengths: [{ masks: 1, candidates: [50], coverage: [0.5] }],
        fillings: [
          {
            sequence: 'a b',
            logProbability: -1,
            probability: 0.5,
            score: -1,
            tokens: [7],
            tokenStrings: ['b'],
          },
        ],
      };
    };
    const { stdout, stderr } = await runCommand(['fill', 'a [MASK]', '--exact', '--model', 'm'], {
      fillJoint,
    });
    expect(stdout).toMatch(/50\.0 % +-1\.000 +a b/);
    expect(stderr).toContain('exact: nats are what it is');
    await runCommand(['fill', 'a [MASK*]', '--model', 'm'], { fillJoint });
    await runCommand(['fill', 'a [MASK]', '--joint', 'gibbs', '--model', 'm', '--json'], { fillJoint });
    expect(methods).toEqual(['exact', 'chain', 'gibbs']);
  });

  it('says that a run over a file was interrupted, and how to go on', async () => {
    const scoreMany: AskApi['scoreMany'] = async ({ signal, output, onProgress }) => {
      onProgress?.({ done: 1, total: 3 });
      process.emit('SIGTERM', 'SIGTERM');
      expect(signal?.aborted).toBe(true);
      expect(output).toEqual({ path: 'o.jsonl', resume: true });
      return { interrupted: true, done: 2, total: 3 };
    };
    const args = ['score', '--input', 'i', '--out', 'o.jsonl', '--resume', '--model', 'm'];
    const { status, stderr } = await runCommand(args, { scoreMany }, true);
    expect(stderr).toContain('1 of 3 records');
    expect(stderr).toContain('interrupted after 2 of 3 records; go on with --resume');
    expect(status).toBe(143);
  });
});

describe('eval', () => {
  it('says when no baselines are stored', async () => {
    const { baselines: _, ...foreign } = heldOut;
    const { stdout } = await runCommand(['eval', 'a', '--model', 'm'], { evaluate: async () => foreign });
    expect(stdout).toContain('no baselines stored');
    expect(stdout).not.toContain('unigram');
  });

  it('with --json prints the figures', async () => {
    const evaluate = async () => heldOut;
    const { stdout } = await runCommand(['eval', 'a', '--model', 'm', '--json'], { evaluate });
    expect(JSON.parse(stdout)).toEqual(heldOut);
  });

  it('with --whole-words prints what words cost, with and without their numbers of tokens', async () => {
    const words = { lossNats: 4, bitsPerByte: 2, bitsPerByteHalfWidth: 0.05, lengthBitsPerByte: 0.25 };
    const wholeWords = { ...words, words: 1200, tokensPerWord: 1.5, unknownWords: 0 };
    const asked: unknown[] = [];
    const evaluate = async ({ wholeWords: share }: EvaluateOptions) => {
      asked.push(share);
      return { ...heldOut, wholeWords };
    };
    const { stdout } = await runCommand(['eval', 'a', '--model', 'm', '--whole-words', '0.5'], { evaluate });
    expect(asked).toEqual([0.5]);
    expect(stdout).toContain(
      '1,200 whole words of 1.50 tokens, 2.000 ± 0.050 bits per byte, 2.250 with their numbers of tokens',
    );
    const { status } = await runCommand(['eval', 'a', '--model', 'm', '--whole-words', '1.5'], { evaluate });
    expect(status).toBe(2);
  });
});

describe('errors', () => {
  it.each([
    [new ConfigError('heads do not fit'), 2],
    [new DataError('x.txt:\n  is empty'), 1],
    [new LacunaError('interrupted', 'nothing to save yet'), 130],
  ])('%s is one line with its status', async (error, expected) => {
    const evaluate = async () => {
      throw error;
    };
    const { status, stdout, stderr } = await runCommand(['eval', 'a', '--model', 'm'], { evaluate });
    expect(status).toBe(expected);
    expect(stdout).toBe('');
    expect(stderr).toBe(`lacuna: ${error.message.replace(/\s+/g, ' ')}\n`);
  });

  it('shows the stack only with --debug', async () => {
    const plain = await runCommand(['eval', 'a', '--model', 'm']);
    expect(plain.stderr).toBe('lacuna: not expected (unexpected; --debug shows where)\n');
    expect(plain.status).toBe(1);
    const debug = await runCommand(['eval', 'a', '--model', 'm', '--debug']);
    expect(debug.stderr).toContain('run.test.ts');
  });
});

describe('bench', () => {
  const result: BenchResult = {
    preset: 'mini',
    sequenceLength: 128,
    batchTokens: 4096,
    microBatchTokens: 1024,
    tokensPerSecond: 5000,
    gflopsEffective: 120,
    gflopsSgemm: 150,
    ratio: 0.8,
    ratioSpread: { median: 0.8, least: 0.75, most: 0.85 },
    peakRssBytes: 3e8,
  };

  it('measures each preset at each length and prints a row for each', async () => {
    const asked: unknown[] = [];
    const bench = async ({ preset, sequenceLength }: BenchOptions) => {
      asked.push([preset, sequenceLength]);
      return result;
    };
    const args = ['bench', '--preset', 'tiny', 'mini', '--sequence-length', '64', '128'];
    const { status, stdout } = await runCommand(args, { bench });
    expect(asked).toEqual([
      ['tiny', 64],
      ['tiny', 128],
      ['mini', 64],
      ['mini', 128],
    ]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
    expect(stdout).toMatch(/mini +128 +4096 +1024 +5000 +120\.0 +150\.0 +0\.80 +0\.75-0\.85 +300/);
    expect(status).toBe(0);
  });

  it('prints one JSON value, and names the presets when one is unknown', async () => {
    const { stdout } = await runCommand(['bench', '--preset', 'mini', '--json'], {
      bench: async () => result,
    });
    expect(JSON.parse(stdout)).toMatchObject({ machine: { cores: 2 }, results: [result] });
    const unknown = await runCommand(['bench', '--preset', 'huge']);
    expect(unknown.stderr).toContain("unknown preset 'huge'; expected tiny, mini");
    expect(unknown.status).toBe(2);
  });
});

describe('bench --growth', () => {
  const point = {
    ...trained.config,
    axis: 'T',
    value: 32,
    msPerStep: 2,
    tokensPerSecond: 1000,
    microsecondsPerToken: 8,
    attentionMicrosecondsPerToken: 2,
    limitMicrosecondsPerToken: 4,
  } as const;
  const points = [point, { ...point, value: 64, microsecondsPerToken: 12, attentionMicrosecondsPerToken: 6 }];
  const growth: Api['growth'] = async ({ preset }) => ({ preset, gflopsSgemm: 100, points });

  it('prints how the cost of a token has grown along an axis, and the share of attention', async () => {
    const { status, stdout } = await runCommand(['bench', '--growth'], { growth });
    expect(status).toBe(0);
    expect(stdout).toContain('| T = 32 | 2.0 | 1000 | 8.0 | 1.00 | 1.00 | 25 % | 0.50 |');
    expect(stdout).toContain('| T = 64 | 2.0 | 1000 | 12.0 | 1.50 | 1.00 | 50 % | 0.33 |');
  });

  it.each([
    [['--preset', 'tiny', 'mini'], /grows one preset, got tiny, mini/],
    [['--batch-size', '8'], /chooses batch sizes/],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await runCommand(['bench', '--growth', ...args], { growth });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
