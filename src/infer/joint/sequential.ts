import { type Assignment, type Conditionals, type Filling, OPEN, rankFillings } from './problem.js';

/** A filling under way. */
interface Hypothesis {
  readonly assignment: Assignment;
  readonly logProbability: number;
}

/** The product of the distributions with every mask open; the `width` most probable fillings. */
export async function independentFillings(conditionals: Conditionals, width: number): Promise<Filling[]> {
  const marginals = await conditionals.marginals();
  let beam: Hypothesis[] = [{ assignment: [], logProbability: 0 }];
  for (const logs of marginals) {
    // The best products end in the best prefixes, so a beam of `width` loses none of them.
    beam = rankFillings(
      beam.flatMap((hypothesis) =>
        extensions(hypothesis, logs, (choice) => [...hypothesis.assignment, choice]),
      ),
      width,
    );
  }
  return beam;
}

/**
 * The chain rule from left to right, p(x_1) p(x_2 | x_1) ..., later sites masked; the `width` most probable prefixes are
 * carried on. Exact when `width` is at least the number of prefixes.
 */
export async function chainFillings(conditionals: Conditionals, width: number): Promise<Filling[]> {
  const sites = conditionals.problem.sites;
  let beam: Hypothesis[] = [{ assignment: sites.map(() => OPEN), logProbability: 0 }];
  for (const site of sites.keys()) {
    const logs = await conditionals.logProbabilities(beam.map(({ assignment }) => ({ assignment, site })));
    beam = rankFillings(
      beam.flatMap((hypothesis, index) =>
        extensions(hypothesis, logs[index] as Float64Array, (choice) =>
          hypothesis.assignment.with(site, choice),
        ),
      ),
      width,
    );
  }
  return beam;
}

/**
 * A beam that fills the sites of each hypothesis in the order of confidence: the site whose best candidate is the most
 * probable comes first. The same filling reached along two orders is kept once, with its larger probability.
 */
export async function beamFillings(conditionals: Conditionals, width: number): Promise<Filling[]> {
  const { sites } = conditionals.problem;
  let beam: Hypothesis[] = [{ assignment: sites.map(() => OPEN), logProbability: 0 }];
  for (let filled = 0; filled < sites.length; filled++) {
    const requests = beam.flatMap(({ assignment }, hypothesis) =>
      [...sites.keys()]
        .filter((site) => assignment[site] === OPEN)
        .map((site) => ({ assignment, site, hypothesis })),
    );
    const logs = await conditionals.logProbabilities(requests);
    const chosen = new Map<number, { site: number; logs: Float64Array; best: number }>();
    for (const [index, { site, hypothesis }] of requests.entries()) {
      const own = logs[index] as Float64Array;
      const best = own.reduce((a, b) => Math.max(a, b), -Infinity);
      if (best > (chosen.get(hypothesis)?.best ?? -Infinity))
        chosen.set(hypothesis, { site, logs: own, best });
    }
    const grown = [...chosen].flatMap(([index, { site, logs: own }]) => {
      const hypothesis = beam[index] as Hypothesis;
      return extensions(hypothesis, own, (choice) => hypothesis.assignment.with(site, choice));
    });
    beam = rankFillings(withoutDuplicates(grown), width);
  }
  return beam;
}

function extensions(
  { logProbability }: Hypothesis,
  logs: Float64Array,
  extend: (choice: number) => Assignment,
): Hypothesis[] {
  return Array.from(logs, (value, choice) => ({
    assignment: extend(choice),
    logProbability: logProbability + value,
  }));
}

function withoutDuplicates(hypotheses: readonly Hypothesis[]): Hypothesis[] {
  const best = new Map<string, Hypothesis>();
  for (const hypothesis of hypotheses) {
    const key = hypothesis.assignment.join();
    const earlier = best.get(key);
    if (!earlier || hypothesis.logProbability > earlier.logProbability) best.set(key, hypothesis);
  }
  return [...best.values()];
}
