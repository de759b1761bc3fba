import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventLog, type RunEvent, readEvents } from './event-log.js';
import { readJournal, readJsonLines, writeJournal } from './journal.js';
import { firstDifference } from './run-json.js';

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-log-'));
  path = join(root, 'events.jsonl');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const event = (step: number): RunEvent => ({
  type: 'step',
  step,
  lossNats: 0.1 + 0.2,
  accuracy: 0.5,
  gradientNorm: 1,
  learningRate: 1e-3,
});

describe('EventLog', () => {
  it('goes on where a checkpoint left it, whatever came after', async () => {
    const first = EventLog.open(path).log;
    first.append([event(1), event(2)]);
    const mark = first.sync();
    first.append([event(3)]);
    first.close();
    await appendFile(path, '{"type":"st'); // a process that was killed while writing
    const { log, isIntact } = EventLog.open(path, mark);
    expect(isIntact).toBe(true);
    log.append([event(3)]);
    log.close();
    const steps = await readJsonLines(path);
    expect(steps).toEqual([event(1), event(2), event(3)]);
    const straight = EventLog.open(join(root, 'straight')).log;
    straight.append([event(1), event(2), event(3)]);
    straight.close();
    expect(await readFile(path)).toEqual(await readFile(join(root, 'straight')));
  });

  it('says when what it had written is no longer there or no longer the same', async () => {
    const first = EventLog.open(path).log;
    first.append([event(1), event(2)]);
    const mark = first.sync();
    first.close();
    await truncate(path, 10);
    const short = EventLog.open(path, mark);
    expect(short.isIntact).toBe(false);
    short.log.append([event(3)]);
    const later = short.log.sync();
    short.log.close();
    expect(await readEvents(path)).toEqual([event(3)]);
    const again = EventLog.open(path, later);
    expect(again.isIntact).toBe(true);
    again.log.close();
    await writeFile(path, 'x'.repeat(mark.bytes));
    const changed = EventLog.open(path, mark);
    expect(changed.isIntact).toBe(false);
    changed.log.close();
  });

  it('begins anew without a mark', async () => {
    await writeFile(path, 'left over');
    EventLog.open(path).log.close();
    expect(await readFile(path, 'utf8')).toBe('');
  });
});

describe('the journal', () => {
  it('tells when and who, and survives a line cut short', async () => {
    writeJournal(path, { what: 'begin', step: 0 });
    await appendFile(path, '{"at":"20'); // a disk that was full
    writeJournal(path, { what: 'checkpoint', step: 8, elapsedMs: 1.5 });
    expect(await readJournal(path)).toMatchObject([
      { what: 'begin', pid: process.pid },
      { what: 'checkpoint', step: 8 },
    ]);
    expect(await readJournal(join(root, 'missing'))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('says that the disk is full', () => {
    expect(() => writeJournal('/dev/full', { what: 'begin' })).toThrow(
      "cannot write the journal '/dev/full': no space left on the device",
    );
  });
});

describe('firstDifference', () => {
  it.each([
    [{ a: 1, b: { c: [1, 2] } }, { a: 1, b: { c: [1, 2] } }, undefined],
    [{ a: 1, b: { c: [1, 2] } }, { a: 1, b: { c: [1, 3] } }, 'b.c was [1,2] and is now [1,3]'],
    [{ a: 1 }, { a: 1, b: 2 }, 'b was not set and is now 2'],
    [{ a: 'x' }, {}, 'a was "x" and is now not set'],
  ])('of %j and %j', (before, now, expected) => {
    expect(firstDifference(before, now)).toBe(expected);
  });
});
