import { columnsOf, type Output } from './terminal.js';

const ERASE_BELOW = '\x1b[0J';
const up = (rows: number) => (rows > 0 ? `\r\x1b[${rows}A` : '\r');

/** Lines at the bottom of a terminal that are drawn again and again, below those that are written for good. */
export class LiveBlock {
  private lines: readonly string[] = [];

  constructor(private readonly output: Output) {}

  /** Draws lines in place of the last ones; each must fit the terminal's width. */
  draw(lines: readonly string[]): void {
    this.output.stream.write(`${this.erasure()}${lines.map((line) => `${line}\n`).join('')}`);
    this.lines = lines;
  }

  /** Writes a line above the block, for good. */
  writeAbove(line: string): void {
    const block = this.lines.map((each) => `${each}\n`).join('');
    this.output.stream.write(`${this.erasure()}${line}\n${block}`);
  }

  /** What takes the block off the screen; lines of a terminal that has become narrower are broken, and count as more. */
  private erasure(): string {
    const columns = columnsOf(this.output);
    const rows = this.lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil([...line].length / columns)),
      0,
    );
    return rows === 0 ? '' : `${up(rows)}${ERASE_BELOW}`;
  }
}

/** Items side by side, on as few lines of at most `width` columns as they need. */
export function packed(items: readonly string[], width: number, gap = '   '): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    const longer = last === undefined ? item : `${last}${gap}${item}`;
    if (last !== undefined && [...longer].length <= width) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines;
}
