import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { AuditMaskingOptions, MaskingAudit } from '../api/index.js';
import { comparisonTable } from './compare-masking.js';
import type { Api } from './context.js';
import { collectMaskingOptions, rateValue } from './masking-options.js';
import { run } from './run.js';

function output() {
  const stream = Object.assign(new PassThrough(), { isTTY: false, columns: 200 });
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { output: { stream, colors: pc.createColors(false), isLive: false }, text: () => text };
}

const audit = (options: AuditMaskingOptions): MaskingAudit => {
  const isBroken = options.planted !== undefined;
  return {
    subject: options.planted ?? options.masking ?? '',
    passed: !isBroken,
    sequences: 10,
    decisions: 1000,
    predicted: 150,
    checks: [
      { name: 'rate', passed: true, expected: '15 %', observed: '15 %', pValue: 0.5, klNats: 0 },
      {
        name: 'specials untouched',
        passed: !isBroken,
        expected: 'never',
        observed: isBroken ? '3 times' : 'never',
        klNats: isBroken ? Number.POSITIVE_INFINITY : 0,
      },
    ],
    incidents: isBroken
      ? [{ what: 'special token predicted', id: 2, count: 3, sequence: 4, position: 0 }]
      : [],
    incidentTokens: isBroken ? ['[CLS]'] : [],
  };
};

/** Runs `audit-masking` against an audit that is made up; nothing else of the library is there. */
async function auditCommand(...args: string[]) {
  const [stdout, stderr] = [output(), output()];
  const asked: AuditMaskingOptions[] = [];
  const unexpected = () => Promise.reject(new Error('not expected'));
  const api: Partial<Api> = {
    STRATEGY_NAMES: ['uniform', 'span'],
    PLANTED_BUGS: { 'specials-masked': {} },
    auditMasking: async (options) => {
      asked.push(options);
      return audit(options);
    },
  };
  const status = await run(['audit-masking', ...args], {
    terminal: { stdout: stdout.output, stderr: stderr.output },
    loadApi: async () => api as Api,
    loadAsk: unexpected,
    exitStatus: 0,
  });
  await new Promise(setImmediate);
  return { status, asked, stdout: stdout.text(), stderr: stderr.text() };
}

describe('audit-masking', () => {
  it('passes its options on and ends well when all is well', async () => {
    const { status, asked, stdout } = await auditCommand(
      ...['corpus', '--masking', 'span', '--masking-options', 'p=0.3', '--masking-options', 'never-mask=a,b'],
      ...['--decisions', '5000', '--mask-rate', '0.3:0.1'],
    );
    expect(status).toBe(0);
    expect(asked).toEqual([
      {
        paths: ['corpus'],
        masking: 'span',
        maskingOptions: { p: '0.3', neverMask: 'a,b' },
        decisions: 5000,
        maskRate: '0.3:0.1',
      },
    ]);
    expect(stdout).toContain('span: passed (1,000 decisions, 150 predictions)');
  });

  it('fails with status 1 and names what was impossible', async () => {
    const { status, stdout } = await auditCommand('corpus', '--masking', 'all', '--planted', 'all');
    expect(status).toBe(1);
    expect(stdout).toContain('specials-masked: FAILED');
    expect(stdout).toContain('KL infinite');
    expect(stdout).toContain(
      'special token predicted: id 2 "[CLS]" 3 times, first in sequence 4, position 0',
    );
    expect(stdout).toMatch(/uniform +1,000 +150/);
  });

  it('writes infinity into JSON as a word', async () => {
    const { status, stdout } = await auditCommand('corpus', '--planted', 'specials-masked', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)[0].checks[1]).toMatchObject({ passed: false, klNats: 'Infinity' });
  });

  it('refuses to mask what it only reads', async () => {
    const { status, stderr } = await auditCommand('rows.jsonl', '--jsonl', '--masking', 'span');
    expect(status).toBe(2);
    expect(stderr).toContain('--jsonl audits what it reads');
  });
});

describe('options of masking', () => {
  it('are rates and pairs', () => {
    expect(rateValue('0.2')).toBe(0.2);
    expect(rateValue('0.3:0.1')).toBe('0.3:0.1');
    expect(() => rateValue('3')).toThrow(/must be in \(0, 1\]/);
    expect(collectMaskingOptions('max-length=3', { a: '1' })).toEqual({ a: '1', maxLength: '3' });
    expect(collectMaskingOptions('from.temperature=2')).toEqual({ 'from.temperature': '2' });
    expect(() => collectMaskingOptions('p')).toThrow("Expected key=value, got 'p'.");
  });
});

describe('comparisonTable', () => {
  it('shows intervals, and none where there is one seed', () => {
    const interval = { mean: 0.5, halfWidth: 0.25 };
    const alone = { mean: 0.5, halfWidth: undefined };
    const summary = (strategy: string, shown: typeof interval | typeof alone) => ({
      strategy,
      runs: [],
      lossNats: shown,
      accuracy: shown,
      lossDifference: shown,
      squaredGradientNorm: shown,
      trainingSurprisalNats: shown,
    });
    const lines = comparisonTable({
      fingerprint: '',
      steps: 10,
      seeds: [0],
      evaluationMaskRate: 0.15,
      strategies: [summary('uniform', interval), summary('span', alone)],
    });
    expect(lines[1]).toMatch(/uniform +0\.5000 ± 0\.2500 +50\.00 ± 25\.00/);
    expect(lines[2]).toMatch(/span +0\.5000 +\+0\.5000 +50\.00 /);
  });
});
