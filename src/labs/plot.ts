/** A point of a plot with the interval around it. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

export interface PlotLabels {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [560, 340, 70, 40, 20, 50];
const FONT = 'font-family="system-ui, sans-serif" font-size="12"';

/** A line plot with intervals as SVG: one series, both axes from 0. */
export function linePlot(points: readonly PlotPoint[], labels: PlotLabels): string {
  const mostX = Math.max(...points.map(({ x }) => x));
  const mostY = niceCeiling(Math.max(...points.map(({ high }) => high)));
  const toX = (x: number) => LEFT + (x / mostX) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number) => HEIGHT - BOTTOM - (y / mostY) * (HEIGHT - TOP - BOTTOM);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = toY(share * mostY);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end" ${FONT}>${(share * mostY).toPrecision(2)}</text>`;
  });
  const marks = points.map(
    ({ x, y, low, high }) =>
      `<g><title>${x}: ${y.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})</title><line x1="${toX(x)}" x2="${toX(x)}" y1="${toY(low)}" y2="${toY(high)}" stroke="#36c"/><circle cx="${toX(x)}" cy="${toY(y)}" r="4" fill="#36c"/><text x="${toX(x)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle" ${FONT}>${x}</text></g>`,
  );
  const line = points.map(({ x, y }) => `${toX(x)},${toY(y)}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${labels.title}</title><rect width="100%" height="100%" fill="white"/>`,
    `<text x="${LEFT}" y="22" ${FONT} font-weight="bold">${labels.title}</text>`,
    ...ticks,
    `<polyline points="${line}" fill="none" stroke="#36c"/>`,
    ...marks,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle" ${FONT}>${labels.x}</text>`,
    `<text x="16" y="${HEIGHT / 2}" text-anchor="middle" ${FONT} transform="rotate(-90 16 ${HEIGHT / 2})">${labels.y}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** The next of 1, 2, 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}
