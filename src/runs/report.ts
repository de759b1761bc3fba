import { escapeMarkup } from '../plot/index.js';
import { CURVE_NAMES, CURVE_TITLES, curveOf } from './curve.js';
import type { RunHistory } from './history.js';
import { firstDifference } from './run-json.js';
import { svgPlot } from './svg-plot.js';

/** The figures of a run in one line each, by what they are. */
export function runFigures(history: RunHistory): Readonly<Record<string, string>> {
  const { steps, evaluations, skipped, rewinds, status, run } = history;
  const last = steps.at(-1);
  const best = evaluations.reduce<number | undefined>(
    (least, { lossNats }) => (least === undefined ? lossNats : Math.min(least, lossNats)),
    undefined,
  );
  return {
    status,
    begun: run.createdAt,
    steps: String(last?.step ?? 0),
    'training loss': recentMean(history).toFixed(4),
    'best held-out loss': best?.toFixed(4) ?? 'not measured on the way',
    skipped: String(skipped),
    rewinds: String(rewinds),
    seed: String(run.identity.seed),
    model: run.out,
  };
}

/** Steps whose mean loss stands for where a run is. */
const RECENT_STEPS = 50;

/** Mean training loss of the last steps, in nats; NaN without steps. */
export function recentMean({ steps }: RunHistory): number {
  const recent = steps.slice(-RECENT_STEPS);
  return recent.reduce((sum, { lossNats }) => sum + lossNats, 0) / recent.length;
}

/** What differs first between two runs' identities, in words; undefined for repeats of one run. */
export function differenceBetween(a: RunHistory, b: RunHistory): string | undefined {
  return firstDifference(a.run.identity, b.run.identity)
    ?.replace(' was ', ': ')
    .replace(' and is now ', ' / ');
}

/** A page that shows runs beside each other and needs nothing from outside. */
export function htmlReport(histories: readonly RunHistory[]): string {
  const names = histories.map(({ name }) => name).join(', ');
  const figures = histories.map(runFigures);
  const keys = Object.keys(figures[0] ?? {});
  const row = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeMarkup(cell)}</${tag}>`).join('')}</tr>`;
  const table = [
    row(['', ...histories.map(({ name }) => name)], 'th'),
    ...keys.map((key) => row([key, ...figures.map((each) => each[key] ?? '')], 'td')),
  ];
  const plots = CURVE_NAMES.map((name) => ({
    name,
    curves: histories.map((history) => curveOf(history, name)),
  }))
    .filter(({ curves }) => curves.some(({ points }) => points.length > 0))
    .map(({ name, curves }) => svgPlot(CURVE_TITLES[name], curves));
  const recipes = histories.map(
    ({ name, run }) =>
      `<details><summary>identity of ${escapeMarkup(name)}</summary><pre>${escapeMarkup(JSON.stringify(run.identity, null, 2))}</pre></details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lacuna: ${escapeMarkup(names)}</title>
<style>body{font:16px system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em}table{border-collapse:collapse}td,th{padding:.2em .8em .2em 0;text-align:left;vertical-align:top}svg{display:block;width:100%;margin:1em 0}pre{overflow:auto}</style>
</head><body><h1>${escapeMarkup(names)}</h1>
<table>${table.join('\n')}</table>
${plots.join('\n')}
${recipes.join('\n')}
</body></html>
`;
}
