import type { TuneResult, TuneScores } from './tune-types.js';

const percent = (fraction: number | undefined): string =>
  fraction === undefined ? '' : `${(100 * fraction).toFixed(1)} %`;

/** Figures of a tuned model beside its baselines, as Markdown. */
export function tuneResults(result: TuneResult): string {
  const { examples, test, baselines, bestEpoch, seed } = result;
  const unit = result.task === 'tag' ? 'sentences' : 'texts';
  const row = (name: string, { accuracy, macroF1, entityF1 }: TuneScores) =>
    `| ${[name, percent(accuracy), percent(macroF1), percent(entityF1)].join(' | ')} |`;
  return [
    '| test part | accuracy | macro F1 | entity F1 |',
    '| --- | ---: | ---: | ---: |',
    row('this model', test),
    ...(result.networkAlone ? [row('its network alone', result.networkAlone)] : []),
    ...Object.entries(baselines).map(([name, scores]) => row(name, scores)),
    '',
    `Trained on ${examples.train} ${unit}, stopped at epoch ${bestEpoch} by ${examples.validation} others, measured on ${examples.test} that neither saw; seed ${seed}.`,
  ].join('\n');
}
