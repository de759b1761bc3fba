import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Curve, curveOf, thinned } from './curve.js';
import { EventLog, type RunEvent } from './event-log.js';
import { findRuns, readRun } from './history.js';
import { writeJournal } from './journal.js';
import { differenceBetween, htmlReport, runFigures } from './report.js';
import { RUN_FILES, writeRunJson } from './run-json.js';
import { svgPlot } from './svg-plot.js';
import { terminalPlot } from './terminal-plot.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-history-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const step = (number: number, lossNats: number): RunEvent => ({
  type: 'step',
  step: number,
  lossNats,
  accuracy: 0.25,
  gradientNorm: 2,
  learningRate: 1e-3,
});

async function makeRun(name: string, seed: number, events: readonly RunEvent[]): Promise<string> {
  const directory = join(root, name);
  await mkdir(directory, { recursive: true });
  await writeRunJson(directory, {
    formatVersion: 1,
    createdAt: new Date(0).toISOString(),
    out: name,
    options: {},
    identity: { seed, recipe: { layers: 2, title: '<script>' } },
    tokenizerSha256: '',
    versions: { lacuna: '0', node: '0', onnxruntime: '0' },
  });
  const { log } = EventLog.open(join(directory, RUN_FILES.events));
  log.append(events);
  log.close();
  return directory;
}

const EVENTS: readonly RunEvent[] = [
  step(1, 6),
  step(2, 5),
  { type: 'evaluation', step: 2, lossNats: 5.5, accuracy: 0.2, best: true },
  { type: 'skip', step: 3, lossNats: 'NaN', gradientNorm: 'NaN' },
  step(4, 99),
  { type: 'rewind', step: 4, toStep: 2, rateScale: 0.5, reason: 'high' },
  step(3, 4),
  step(4, 3),
];

describe('readRun', () => {
  it('passes over lines that a full disk cut short', async () => {
    const directory = await makeRun('a.run', 1, EVENTS.slice(0, 2));
    await appendFile(join(directory, RUN_FILES.events), '{"type":"step","st');
    const journal = join(directory, RUN_FILES.journal);
    await writeFile(journal, '{"at":"2026-11-');
    expect((await readRun(directory)).status).toBe('stopped');
    for (const what of ['resume', 'finished'] as const) writeJournal(journal, { what });
    const { status, steps, journal: entries } = await readRun(directory);
    expect(entries.map(({ what }) => what)).toEqual(['resume', 'finished']);
    expect(status).toBe('finished');
    expect(steps).toHaveLength(2);
  });

  it('tells the course without what a rewind undid', async () => {
    const directory = await makeRun('deep/a.run', 1, EVENTS);
    const history = await readRun(directory);
    expect(history).toMatchObject({ name: 'a', status: 'stopped', skipped: 1, rewinds: 1 });
    expect(curveOf(history, 'loss').points).toEqual([
      { step: 1, value: 6 },
      { step: 2, value: 5 },
      { step: 3, value: 4 },
      { step: 4, value: 3 },
    ]);
    expect(curveOf(history, 'held-out-loss').points).toEqual([{ step: 2, value: 5.5 }]);
    expect(runFigures(history)).toMatchObject({ steps: '4', 'training loss': '4.5000', seed: '1' });
    writeJournal(join(directory, RUN_FILES.journal), { what: 'finished', step: 4 });
    expect((await readRun(directory)).status).toBe('finished');
    expect(await findRuns(root)).toEqual([directory]);
  });

  it('refuses another directory', async () => {
    await expect(readRun(root)).rejects.toThrow(/is not a run directory: expected run\.json/);
  });

  it('names what differs between two runs', async () => {
    const [a, b] = [
      await readRun(await makeRun('a.run', 1, [])),
      await readRun(await makeRun('b.run', 2, [])),
    ];
    expect(differenceBetween(a, b)).toBe('seed: 1 / 2');
    expect(differenceBetween(a, a)).toBeUndefined();
  });
});

describe('plots', () => {
  const line = (label: string, slope: number): Curve => ({
    label,
    points: Array.from({ length: 1000 }, (_, index) => ({ step: index, value: slope * index })),
  });

  it('are thinned by means', () => {
    const { points } = thinned(line('up', 1), 4);
    expect(points).toEqual([
      { step: 124.5, value: 124.5 },
      { step: 374.5, value: 374.5 },
      { step: 624.5, value: 624.5 },
      { step: 874.5, value: 874.5 },
    ]);
  });

  it('in a terminal rise and fall', () => {
    const lines = terminalPlot([line('up', 1)], { width: 8, height: 2 });
    expect(lines).toEqual([' 968 │    ⣀⠤⠒⠉', '30.5 │⣀⠤⠒⠉', '     └────────', '      step 30.5 968']);
    expect(terminalPlot([line('down', -1)], { width: 8, height: 2 })[0]).toMatch(/│⠉⠒⠤⣀$/);
    expect(terminalPlot([{ label: 'none', points: [] }], { width: 8, height: 2 })).toEqual(['no points']);
    const flat = terminalPlot([{ label: 'flat', points: [{ step: 1, value: 0 }] }], { width: 8, height: 3 });
    expect(flat.join('')).not.toMatch(/NaN|undefined/);
  });

  it('as SVG have the curve within the frame, and no markup from names', () => {
    const svg = svgPlot('a & b', [line('<b>', 1), { label: 'none', points: [] }]);
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain('&lt;b&gt;');
    const path = /<path d="M([\d. L]+)" fill="none"/.exec(svg)?.[1] ?? '';
    const numbers = path.split(/[ L]/).map(Number);
    expect(numbers).toHaveLength(1200);
    for (const [index, number] of numbers.entries()) {
      expect(number).toBeGreaterThanOrEqual(index % 2 === 0 ? 64 : 34);
      expect(number).toBeLessThanOrEqual(index % 2 === 0 ? 704 : 260);
    }
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('are part of a report that needs nothing from outside', async () => {
    const html = htmlReport([await readRun(await makeRun('a.run', 1, EVENTS))]);
    expect(html.match(/<svg /g)).toHaveLength(5);
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|<link|src=/);
  });
});
