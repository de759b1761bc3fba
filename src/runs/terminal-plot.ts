import { type Curve, rangeOf, shortNumber, thinned } from './curve.js';

/** Bits of the eight dots of a braille cell, by row and column (Unicode block 2800). */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const BRAILLE = 0x2800;

export interface PlotSize {
  /** Columns of characters, the labels of the axis not counted. */
  readonly width: number;
  /** Rows of characters. */
  readonly height: number;
}

/** Lines of text that show curves, with braille dots; `paint` colours the cells of a curve by its place in the list. */
export function terminalPlot(
  curves: readonly Curve[],
  { width, height }: PlotSize,
  paint: (text: string, curve: number) => string = (text) => text,
): string[] {
  const drawn = curves.map((curve) => thinned(curve, width * 2));
  const range = rangeOf(drawn);
  if (!range) return ['no points'];
  const cells = Array.from({ length: height }, () =>
    Array.from({ length: width }, () => ({ bits: 0, curve: 0 })),
  );
  for (const [index, { points }] of drawn.entries()) {
    for (const { step, value } of points) {
      const x = Math.round(scaled(step, range.steps) * (width * 2 - 1));
      const y = Math.round((1 - scaled(value, range.values)) * (height * 4 - 1));
      const cell = cells[y >> 2]?.[x >> 1];
      if (!cell) continue;
      cell.bits |= DOTS[y & 3]?.[x & 1] ?? 0;
      cell.curve = index;
    }
  }
  const [top, bottom] = [shortNumber(range.values.high), shortNumber(range.values.low)];
  const margin = Math.max(top.length, bottom.length);
  const lines = cells.map((row, index) => {
    const label = index === 0 ? top : index === height - 1 ? bottom : '';
    const text = row.map(({ bits, curve }) =>
      bits === 0 ? ' ' : paint(String.fromCharCode(BRAILLE + bits), curve),
    );
    return `${label.padStart(margin)} │${text.join('')}`.trimEnd();
  });
  const [first, last] = [shortNumber(range.steps.low), shortNumber(range.steps.high)];
  const axis = `step ${first}`;
  const gap = ' '.repeat(Math.max(1, width - axis.length - last.length));
  return [
    ...lines,
    `${' '.repeat(margin)} └${'─'.repeat(width)}`,
    `${' '.repeat(margin + 2)}${axis}${gap}${last}`,
  ];
}

function scaled(value: number, { low, high }: { readonly low: number; readonly high: number }): number {
  return (value - low) / (high - low);
}
