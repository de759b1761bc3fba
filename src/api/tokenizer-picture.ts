import type { TokenizerReport } from './tokenizer-report.js';

const WIDTH = 720;
const PANEL_HEIGHT = 200;
const MARGIN = 40;
const HEADER = 96;
const BAR_COLOR = '#3b6ea5';

interface Panel {
  readonly title: string;
  /** At index n - 1 the count of n, at the last that of n and more. */
  readonly counts: readonly number[];
}

/** The report as an SVG picture: its figures, how many tokens words have, and how long the pieces of the vocabulary are. */
export function drawReport(report: TokenizerReport, name: string): string {
  const panels: Panel[] = [
    { title: 'words by number of tokens', counts: report.wordsByTokens },
    { title: 'vocabulary by number of characters', counts: report.piecesByLength },
  ];
  const height = HEADER + panels.length * PANEL_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    text(MARGIN, 30, `tokenizer ${name}`, 'font-size="16" font-weight="bold"'),
    ...figures(report).map((line, index) => text(MARGIN, 52 + 18 * index, line)),
    ...panels.flatMap((panel, index) => drawPanel(panel, HEADER + index * PANEL_HEIGHT)),
    '</svg>',
  ].join('\n');
}

function figures(report: TokenizerReport): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `${report.vocabSize.toLocaleString('en-US')} tokens, ${percent(report.vocabularyUsed)} of them used by ${report.words.toLocaleString('en-US')} words`,
    `fertility ${report.fertility.toFixed(3)} tokens per word, ${report.bytesPerToken.toFixed(3)} bytes per token, coverage ${percent(report.coverage)}, unknown ${percent(report.unknownRate)}`,
  ];
}

function drawPanel({ title, counts }: Panel, top: number): string[] {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const most = Math.max(1, ...counts);
  const step = (WIDTH - 2 * MARGIN) / counts.length;
  const bottom = top + PANEL_HEIGHT - MARGIN;
  const room = PANEL_HEIGHT - 2 * MARGIN - 20;
  return [
    text(MARGIN, top + 20, title, 'font-weight="bold"'),
    `<line x1="${MARGIN}" y1="${bottom}" x2="${WIDTH - MARGIN}" y2="${bottom}" stroke="black"/>`,
    ...counts.flatMap((count, index) => {
      const height = (room * count) / most;
      const x = MARGIN + index * step;
      const middle = x + step / 2;
      const share = `${((100 * count) / total).toFixed(1)} %`;
      const label = `${index + 1}${index === counts.length - 1 ? '+' : ''}`;
      return [
        `<rect x="${round(x + step * 0.1)}" y="${round(bottom - height)}" width="${round(step * 0.8)}" height="${round(height)}" fill="${BAR_COLOR}"><title>${label}: ${count} (${share})</title></rect>`,
        text(middle, bottom - height - 4, share, 'text-anchor="middle" font-size="9"'),
        text(middle, bottom + 16, label, 'text-anchor="middle"'),
      ];
    }),
  ];
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(content)}</text>`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
