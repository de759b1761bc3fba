import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { expect, it } from 'vitest';
import { LiveBlock, packed } from './live-block.js';

const ESCAPE = '\u001b';
const TOKENS = new RegExp(`${ESCAPE}\\[(\\d+)A|(${ESCAPE}\\[0J)|\\r|\\n|[^${ESCAPE}\\r\\n]+`, 'g');

/** What a terminal of some columns shows after all that was written to it: newlines, carriage returns, two sequences. */
function screenOf(text: string): string[] {
  const rows: string[] = [''];
  let row = 0;
  for (const [token, up, erase] of text.matchAll(TOKENS)) {
    if (up !== undefined) row -= Number(up);
    else if (erase !== undefined) rows.splice(row, rows.length, '');
    else if (token === '\n') rows[++row] ??= '';
    else if (token !== '\r') rows[row] += token;
  }
  return rows.slice(0, -1);
}

it('is drawn again in its place, below what is written for good', () => {
  const stream = Object.assign(new PassThrough(), { columns: 20 });
  const block = new LiveBlock({ stream, colors: pc.createColors(false), isLive: true });
  block.writeAbove('first');
  block.draw(['one', 'two']);
  block.draw(['three', 'four', 'five']);
  block.writeAbove('second');
  block.draw(['six']);
  expect(screenOf(String(stream.read()))).toEqual(['first', 'second', 'six']);
});

it('counts the rows into which a narrower terminal breaks its lines', () => {
  const stream = Object.assign(new PassThrough(), { columns: 20 });
  const block = new LiveBlock({ stream, colors: pc.createColors(false), isLive: true });
  block.draw(['a line of 18 columns']);
  stream.columns = 8;
  block.draw(['short']);
  expect(String(stream.read())).toContain(`${ESCAPE}[3A`);
});

it('packs items into lines of a width, and gives one that is too long a line of its own', () => {
  expect(packed(['aaa', 'bbb', 'cc', 'dddddddddddd', 'e'], 9, '  ')).toEqual([
    'aaa  bbb',
    'cc',
    'dddddddddddd',
    'e',
  ]);
  expect(packed([], 9)).toEqual([]);
});
