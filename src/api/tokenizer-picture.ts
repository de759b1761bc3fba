import { colourOf, px, svgDocument, svgLine, svgText } from '../plot/index.js';
import type { TokenizerReport } from './tokenizer-report.js';

const WIDTH = 720;
const PANEL_HEIGHT = 200;
const MARGIN = 40;
const HEADER = 96;

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
  const title = `tokenizer ${name}`;
  return svgDocument({ width: WIDTH, height, title }, [
    svgText(MARGIN, 30, title, 'font-size="16" font-weight="bold"'),
    ...figures(report).map((line, index) => svgText(MARGIN, 52 + 18 * index, line)),
    ...panels.flatMap((panel, index) => drawPanel(panel, HEADER + index * PANEL_HEIGHT)),
  ]);
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
    svgText(MARGIN, top + 20, title, 'font-weight="bold"'),
    svgLine(MARGIN, bottom, WIDTH - MARGIN, bottom, 'stroke="#222222"'),
    ...counts.flatMap((count, index) => {
      const height = (room * count) / most;
      const x = MARGIN + index * step;
      const middle = x + step / 2;
      const share = `${((100 * count) / total).toFixed(1)} %`;
      const label = `${index + 1}${index === counts.length - 1 ? '+' : ''}`;
      return [
        `<rect x="${px(x + step * 0.1)}" y="${px(bottom - height)}" width="${px(step * 0.8)}" height="${px(height)}" fill="${colourOf(0)}"><title>${label}: ${count} (${share})</title></rect>`,
        svgText(middle, bottom - height - 4, share, 'text-anchor="middle" font-size="9"'),
        svgText(middle, bottom + 16, label, 'text-anchor="middle"'),
      ];
    }),
  ];
}
