import { ConfigError, RandomPurpose, RandomStream } from '../core/index.js';
import {
  Conditionals,
  type Filling,
  JOINT_METHODS,
  type JointMethod,
  jointFillings,
  type Predictor,
  problemOf,
  States,
  totalVariation,
} from '../infer/index.js';
import type { Tokenizer } from '../tokenize/index.js';

/** Distances between two masks whose mutual information is measured, in tokens. */
export const DISTANCES = [1, 2, 3, 4, 6, 8, 12, 16] as const;

/** Numbers of samples at which Gibbs sampling is compared. */
const GIBBS_SAMPLES = [100, 1000, 10_000, 100_000] as const;

export interface JointExperiment {
  /** Texts without masks: masks are drawn. */
  readonly texts: readonly string[];
  readonly seed: number;
  /** Candidates of each mask. */
  readonly candidates: number;
  /** Texts for each number of masks, and for each distance. */
  readonly repeats: number;
}

/** How far a method is from the reference on one text. */
export interface Distance {
  readonly masks: number;
  readonly text: string;
  readonly method: JointMethod;
  /** For sampling methods. */
  readonly samples?: number;
  readonly totalVariation: number;
}

/** Mutual information of two masks under the reference, by their distance. */
export interface PairInformation {
  readonly distance: number;
  readonly text: string;
  readonly nats: number;
}

export interface JointComparison {
  readonly distances: readonly Distance[];
  readonly information: readonly PairInformation[];
}

interface Masked {
  readonly text: string;
  readonly ids: readonly number[];
  readonly sites: readonly number[];
}

/**
 * Every joint method beside exact enumeration on texts with two neighbouring masks and with three, and the mutual
 * information of pairs of masks by their distance.
 */
export async function compareJointMethods(
  predictor: Predictor,
  tokenizer: Tokenizer,
  { texts, seed, candidates, repeats }: JointExperiment,
  onProgress: (line: string) => void = () => undefined,
): Promise<JointComparison> {
  const random = new RandomStream(seed, RandomPurpose.sampling, 0, 3);
  const distances: Distance[] = [];
  for (const masks of [2, 3]) {
    const offsets = Array.from({ length: masks }, (_, index) => index);
    for (const masked of drawMasked(predictor, tokenizer, texts, offsets, repeats, random)) {
      onProgress(`${masks} masks: ${masked.text}`);
      distances.push(...(await methodDistances(predictor, masked, candidates, seed)));
    }
  }
  const information: PairInformation[] = [];
  for (const distance of DISTANCES) {
    for (const masked of drawMasked(predictor, tokenizer, texts, [0, distance], repeats, random)) {
      onProgress(`distance ${distance}: ${masked.text}`);
      const { conditionals, states } = await problemFor(predictor, masked, candidates);
      const joint = tableOf(await jointFillings('exact', conditionals, settings(0, seed)), states);
      information.push({ distance, text: masked.text, nats: mutualInformation(joint, states) });
    }
  }
  return { distances, information };
}

async function methodDistances(
  predictor: Predictor,
  masked: Masked,
  candidates: number,
  seed: number,
): Promise<Distance[]> {
  const { conditionals, states } = await problemFor(predictor, masked, candidates);
  const of = async (method: JointMethod, samples: number) =>
    tableOf(await jointFillings(method, conditionals, settings(samples, seed)), states);
  const reference = await of('exact', 0);
  const found: Distance[] = [];
  for (const method of JOINT_METHODS) {
    if (method === 'exact') continue;
    const counts = method === 'gibbs' ? GIBBS_SAMPLES : [method === 'mask-predict' ? 10_000 : 0];
    for (const samples of counts) {
      found.push({
        masks: masked.sites.length,
        text: masked.text,
        method,
        ...(samples > 0 && { samples }),
        totalVariation: totalVariation(reference, await of(method, samples)),
      });
    }
  }
  return found;
}

/** A width at which chain, beam and independent drop nothing of three masks with 50 candidates. */
const settings = (samples: number, seed: number) => ({ width: 200_000, samples, seed });

async function problemFor(predictor: Predictor, masked: Masked, candidates: number) {
  const prompt = { text: masked.text, ids: masked.ids, sites: masked.sites, spans: [] };
  const { problem } = await problemOf(predictor, prompt, { candidates });
  return {
    conditionals: new Conditionals(predictor, problem),
    states: new States(problem, 'the comparison'),
  };
}

/** f64[states] of fillings; what is not among them has 0, and a beam's or a sample's sum is scaled to 1. */
function tableOf(fillings: readonly Filling[], states: States): Float64Array {
  const table = new Float64Array(states.count);
  for (const { assignment, logProbability } of fillings) {
    table[states.state(assignment)] = Math.exp(logProbability);
  }
  const total = table.reduce((sum, value) => sum + value, 0);
  return table.map((value) => value / total);
}

/** sum p(a, b) ln (p(a, b) / (p(a) p(b))) of two sites, in nats. */
export function mutualInformation(joint: Float64Array, states: States): number {
  const b = states.marginalise(joint, 0);
  const a = states.marginalise(joint, 1);
  return joint.reduce((sum, probability, state) => {
    if (probability === 0) return sum;
    return sum + probability * Math.log(probability / ((a[state] as number) * (b[state] as number)));
  }, 0);
}

/** Texts with masks at a drawn token plus each of the offsets; texts that are too short or too long are passed over. */
function* drawMasked(
  predictor: Predictor,
  tokenizer: Tokenizer,
  texts: readonly string[],
  offsets: readonly number[],
  count: number,
  random: RandomStream,
): Generator<Masked> {
  const span = (offsets.at(-1) ?? 0) + 1;
  let found = 0;
  for (let tried = 0; found < count && tried < 100 * count; tried++) {
    const text = texts[random.nextInt(texts.length)] as string;
    const { ids } = tokenizer.encode(text);
    const room = ids.length - 2 - span;
    if (room < 1 || ids.length > predictor.maxTokens) continue;
    const first = 1 + random.nextInt(room + 1);
    const sites = offsets.map((offset) => first + offset);
    found++;
    yield {
      text: `${text} @ ${sites.join(', ')}`,
      ids: ids.map((id, place) => (sites.includes(place) ? tokenizer.special.mask : id)),
      sites,
    };
  }
  if (found < count)
    throw new ConfigError(
      `too few texts are long enough for masks ${span - 1} tokens apart: give longer ones`,
    );
}
