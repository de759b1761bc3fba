import type { MaskingComparison, MaskingSummary } from './compare-masking.js';

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
  const title = `Held-out loss (nats) by masking strategy, ${seeds.length} seeds, ${steps} steps`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 48}" font-family="sans-serif" font-size="13" fill="#222" role="img" aria-label="${title}">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="16" y="24" font-size="15">${title}</text>`,
    `<line x1="${at(x(reference))}" x2="${at(x(reference))}" y1="${TOP - 8}" y2="${bottom}" stroke="#bbb" stroke-dasharray="4 3"/>`,
    ...strategies.flatMap((summary, index) => row(summary, TOP + (index + 0.5) * ROW, x)),
    ...ticks(least, most).map(
      (nats) =>
        `<line x1="${at(x(nats))}" x2="${at(x(nats))}" y1="${bottom}" y2="${bottom + 5}" stroke="#222"/><text x="${at(x(nats))}" y="${bottom + 20}" text-anchor="middle">${nats.toFixed(3)}</text>`,
    ),
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}" stroke="#222"/>`,
    `<text x="16" y="${bottom + 40}" font-size="11" fill="#666">points: seeds; bar: 95 % interval of the mean (Student); dashed: ${xml(strategies[0]?.strategy ?? '')}; lower is better</text>`,
    '</svg>',
  ].join('\n')}\n`;
}

function row({ strategy, lossNats, runs }: MaskingSummary, y: number, x: (nats: number) => number): string[] {
  const { mean, halfWidth = 0 } = lossNats;
  return [
    `<text x="${LEFT - 12}" y="${at(y + 4)}" text-anchor="end">${xml(strategy)}</text>`,
    `<line x1="${at(x(mean - halfWidth))}" x2="${at(x(mean + halfWidth))}" y1="${at(y)}" y2="${at(y)}" stroke="#3567b0" stroke-width="2"/>`,
    ...runs.map(
      (run) => `<circle cx="${at(x(run.lossNats))}" cy="${at(y)}" r="3" fill="#3567b0" fill-opacity="0.45"/>`,
    ),
    `<circle cx="${at(x(mean))}" cy="${at(y)}" r="4.5" fill="#16335e"><title>${xml(strategy)}: ${mean.toFixed(4)} nats</title></circle>`,
  ];
}

const at = (value: number) => value.toFixed(1);
const xml = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Five places from end to end. */
function ticks(least: number, most: number): number[] {
  return [0, 1, 2, 3, 4].map((index) => least + (index / 4) * (most - least));
}
