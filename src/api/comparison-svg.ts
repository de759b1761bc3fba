import { colourOf, escapeMarkup, px, svgDocument, svgLine, svgText } from '../plot/index.js';
import type { MaskingComparison, MaskingSummary } from './compare-masking.js';

const COLOUR = colourOf(0);
const [WIDTH, LEFT, RIGHT, TOP, ROW] = [720, 190, 30, 56, 34];

/** Held-out loss of every strategy as a picture: a point for each seed, the mean, and its 95 % interval. */
export function comparisonSvg({ strategies, steps, seeds }: MaskingComparison): string {
  const all = strategies.flatMap(({ lossNats: { mean, halfWidth = 0 }, runs }) => [
    mean - halfWidth,
    mean + halfWidth,
    ...runs.map((run) => run.lossNats),
  ]);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const margin = 0.05 * (most - least || 1);
  const x = (nats: number) =>
    LEFT + ((nats - least + margin) / (most - least + 2 * margin)) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + strategies.length * ROW;
  const reference = strategies[0]?.lossNats.mean ?? 0;
  const first = strategies[0]?.strategy ?? '';
  const title = `Held-out loss (nats) by masking strategy, ${seeds.length} seeds, ${steps} steps`;
  const key = `points: seeds; bar: 95 % interval of the mean (Student); dashed: ${first}; lower is better`;
  return svgDocument({ width: WIDTH, height: bottom + 48, title, fontSize: 13 }, [
    svgText(16, 24, title, 'font-size="15"'),
    svgLine(x(reference), TOP - 8, x(reference), bottom, 'stroke="#bbbbbb" stroke-dasharray="4 3"'),
    ...strategies.flatMap((summary, index) => row(summary, TOP + (index + 0.5) * ROW, x)),
    ...ticks(least, most).flatMap((nats) => [
      svgLine(x(nats), bottom, x(nats), bottom + 5, 'stroke="#222222"'),
      svgText(x(nats), bottom + 20, nats.toFixed(3), 'text-anchor="middle"'),
    ]),
    svgLine(LEFT, bottom, WIDTH - RIGHT, bottom, 'stroke="#222222"'),
    svgText(16, bottom + 40, key, 'font-size="11" fill="#666666"'),
  ]);
}

function row({ strategy, lossNats, runs }: MaskingSummary, y: number, x: (nats: number) => number): string[] {
  const { mean, halfWidth = 0 } = lossNats;
  const dot = (nats: number, attributes: string) => `cx="${px(x(nats))}" cy="${px(y)}" ${attributes}`;
  return [
    svgText(LEFT - 12, y + 4, strategy, 'text-anchor="end"'),
    svgLine(x(mean - halfWidth), y, x(mean + halfWidth), y, `stroke="${COLOUR}" stroke-width="2"`),
    ...runs.map((run) => `<circle ${dot(run.lossNats, `r="3" fill="${COLOUR}" fill-opacity="0.45"`)}/>`),
    `<circle ${dot(mean, 'r="4.5" fill="#16335e"')}><title>${escapeMarkup(strategy)}: ${mean.toFixed(4)} nats</title></circle>`,
  ];
}

/** Five places from end to end. */
function ticks(least: number, most: number): number[] {
  return [0, 1, 2, 3, 4].map((index) => least + (index / 4) * (most - least));
}
