import { chiSquaredPValue, normalPValue } from '../../core/index.js';
import { declaredShares } from './declaration.js';
import type { AuditTally, Impossible, Incident } from './tally.js';

/** One thing that was declared, and whether it happened. */
export interface AuditCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: string;
  readonly observed: string;
  /** Probability of a deviation this large, or larger, by chance; undefined where chance plays no part. */
  readonly pValue?: number | undefined;
  /** Kullback-Leibler divergence of what happened from what was declared: infinite when something impossible did. */
  readonly klNats?: number | undefined;
}

export interface AuditReport {
  readonly passed: boolean;
  readonly sequences: number;
  readonly decisions: number;
  readonly predicted: number;
  readonly checks: readonly AuditCheck[];
  /** Impossible things that happened, most frequent first. */
  readonly incidents: readonly Incident[];
}

/** A check fails below this: with some dozens of checks in a table, one in a thousand tables fails by chance. */
export const SIGNIFICANCE = 1e-5;

/** Categories are joined until a chi-squared test expects this many in each. */
const LEAST_EXPECTED = 5;

/** Judges what was counted against what was declared. */
export function judge(tally: AuditTally): AuditReport {
  const checks = [
    rateCheck(tally),
    sharesCheck(tally),
    replacementCheck(tally),
    ...untouchedChecks(tally.incidents),
  ];
  return {
    passed: checks.every(({ passed }) => passed),
    sequences: tally.sequences,
    decisions: tally.decisions,
    predicted: tally.predicted,
    checks,
    incidents: tally.incidents,
  };
}

function rateCheck({ predicted, expected, variance, decisions }: AuditTally): AuditCheck {
  // A count without variance may still be rounded: half a prediction is no deviation.
  const deviation = Math.max(0, Math.abs(predicted - expected) - 0.5);
  const pValue = normalPValue(deviation / Math.sqrt(Math.max(variance, 0.25)));
  const share = (count: number) => `${((100 * count) / Math.max(1, decisions)).toFixed(3)} %`;
  const [q, p] = [predicted, expected].map((count) => count / Math.max(1, decisions)) as [number, number];
  return {
    name: 'rate',
    passed: pValue >= SIGNIFICANCE,
    expected: share(expected),
    observed: share(predicted),
    pValue,
    klNats: divergence([q, 1 - q], [p, 1 - p]),
  };
}

function sharesCheck(tally: AuditTally): AuditCheck {
  const { vocabSize, specialIds } = tally.declaration.vocabulary;
  const declared = declaredShares(tally.declaration.policy);
  // A random token is the token itself once in a while, and then nobody can tell it from a kept one.
  const itself = declared.random / (vocabSize - specialIds.length);
  const shares = [declared.mask, declared.random - itself, declared.keep + itself];
  const counts = [tally.shown.mask, tally.shown.random, tally.shown.keep];
  return goodnessOfFit('mask/random/keep', counts, shares);
}

function replacementCheck(tally: AuditTally): AuditCheck {
  const { specialIds, vocabSize } = tally.declaration.vocabulary;
  const isSpecial = new Set(specialIds);
  const total = tally.inserted.reduce((sum, count) => sum + count, 0);
  const others = vocabSize - specialIds.length - 1;
  // Uniform over the ordinary tokens but the one that stood there.
  const expected = Float64Array.from(tally.inserted, (_, id) =>
    isSpecial.has(id) || total === 0 ? 0 : (total - (tally.replaced[id] as number)) / others / total,
  );
  const fit = goodnessOfFit('replacements', tally.inserted, expected);
  return { ...fit, expected: `uniform over ${others + 1} tokens`, observed: `${total} random tokens` };
}

/** Pearson's chi-squared test of counts against shares, and the divergence. */
function goodnessOfFit(name: string, counts: ArrayLike<number>, shares: ArrayLike<number>): AuditCheck {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  let [statistic, groups, observed, expected] = [0, 0, 0, 0];
  for (let index = 0; index < counts.length; index++) {
    observed += counts[index] as number;
    expected += (shares[index] as number) * total;
    if (expected < LEAST_EXPECTED) continue;
    statistic += (observed - expected) ** 2 / expected;
    groups++;
    [observed, expected] = [0, 0];
  }
  if (expected > 0) statistic += (observed - expected) ** 2 / Math.max(expected, 1);
  const klNats = divergence(
    Array.from(counts, (count) => count / Math.max(1, total)),
    shares,
  );
  const pValue = groups < 2 ? 1 : chiSquaredPValue(statistic, groups - 1);
  const percent = (values: readonly number[]) => values.map((value) => (100 * value).toFixed(2)).join(' / ');
  const isShort = counts.length < 10;
  return {
    name,
    passed: pValue >= SIGNIFICANCE && Number.isFinite(klNats),
    expected: isShort ? `${percent(Array.from(shares))} %` : '',
    observed: isShort
      ? `${percent(Array.from(counts, (count) => count / Math.max(1, total)))} %`
      : `${total} in ${groups} groups`,
    pValue,
    klNats,
  };
}

/** Sum of q log(q / p), in nats: infinite where q is positive and p is zero. */
export function divergence(q: ArrayLike<number>, p: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < q.length; index++) {
    const happened = q[index] as number;
    if (happened > 0) sum += happened * Math.log(happened / Math.max(0, p[index] as number));
  }
  return Math.max(0, sum);
}

const UNTOUCHED: readonly (readonly [string, readonly Impossible[]])[] = [
  ['specials untouched', ['special token predicted', 'special token changed', 'special token inserted']],
  ['never-mask list', ['never-mask token predicted']],
  ['loss on what is predicted', ['corrupted without loss', 'label is not the token']],
  ['every sequence masked', ['sequence without a mask']],
  ['ids in the vocabulary', ['id outside the vocabulary']],
];

/** What has probability zero: once is too often. */
function untouchedChecks(incidents: readonly Incident[]): AuditCheck[] {
  return UNTOUCHED.map(([name, kinds]) => {
    const found = incidents.filter(({ what }) => kinds.includes(what));
    const count = found.reduce((sum, incident) => sum + incident.count, 0);
    return {
      name,
      passed: count === 0,
      expected: 'never',
      observed: count === 0 ? 'never' : `${count} times`,
      klNats: count === 0 ? 0 : Number.POSITIVE_INFINITY,
    };
  });
}
