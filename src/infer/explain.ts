import { BackendError, ConfigError, DataError } from '../core/index.js';
import type { Engine, TensorValue } from '../runtime/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { attentionProgram, gradientProgram } from './explain-graph.js';
import type { PredictorModel } from './model-graph.js';
import type { Predictor } from './predictor.js';
import { type Prompt, readPrompts } from './prompt.js';
import { gaussLegendre } from './quadrature.js';
import { topK } from './top-k.js';
import type { Window } from './windows.js';

export interface ExplainOptions {
  /** Which mask of the text, from 0. */
  readonly mask: number;
  /** The token whose log-probability is explained; the likeliest one by default. */
  readonly target?: string;
  /** Points on the way from the baseline to the text. */
  readonly steps: number;
}

/** Why a model expects a token in the place of a mask: figures for each token that it read, in nats of ln p(target). */
export interface Explanation {
  readonly text: string;
  readonly mask: number;
  /** Place of the mask in `tokens`. */
  readonly place: number;
  readonly target: { readonly token: string; readonly id: number; readonly probability: number };
  readonly tokens: readonly string[];
  /** Gradient times input, d ln p / d embedding . embedding. */
  readonly gradientInput: readonly number[];
  /** Integrated gradients (Sundararajan et al. 2017, eq. 1) from the text with every ordinary token masked. */
  readonly integratedGradients: {
    readonly values: readonly number[];
    readonly baseline: 'mask';
    readonly steps: number;
    /** ln p(target) of the text less that of the baseline. */
    readonly difference: number;
    /** The sum of the values less that difference: 0 but for the quadrature. */
    readonly completenessError: number;
  };
  /** ln p(target) less what it is with the token masked; 0 for special tokens and the mask itself. */
  readonly occlusion: readonly number[];
  /** Attention from the mask to each token: layer, head, token. */
  readonly attention: readonly (readonly (readonly number[])[])[];
  readonly window?: Window & { readonly of: number };
}

/** Log-probabilities of a family with ids beside its embeddings would differ by more than rounding. */
const AGREEMENT_NATS = 1e-2;

/** Explains the prediction at one mask of a text. */
export async function explainMask(
  engine: Engine,
  predictor: Predictor,
  tokenizer: Tokenizer,
  text: string,
  options: ExplainOptions,
): Promise<Explanation> {
  const { prompt, place } = promptOf(predictor, tokenizer, text, options.mask);
  const [distribution = new Float32Array()] = await predictor.distributions([
    { ids: prompt.ids, positions: [place] },
  ]);
  const id = targetId(tokenizer, distribution, options.target);
  const probability = distribution[id] as number;
  const path = new EmbeddingPath(predictor.asked, tokenizer, prompt, place);
  const gradients = await pathGradients(engine, predictor.asked, path, { place, id, steps: options.steps });
  if (Math.abs(Math.log(gradients.atText) - Math.log(probability)) > AGREEMENT_NATS) {
    throw new BackendError(
      `${predictor.asked.model.modelType} computes with ids beside their embeddings, which gradients do not explain`,
    );
  }
  const difference = Math.log(gradients.atText) - Math.log(gradients.atBaseline);
  const values = gradients.integrated;
  return {
    text,
    mask: options.mask,
    place,
    target: { token: tokenizer.idToToken(id) ?? '', id, probability },
    tokens: prompt.ids.map((own) => tokenizer.idToToken(own) ?? ''),
    gradientInput: gradients.gradientInput,
    integratedGradients: {
      values,
      baseline: 'mask',
      steps: options.steps,
      difference,
      completenessError: values.reduce((sum, value) => sum + value, 0) - difference,
    },
    occlusion: await occlusion(predictor, tokenizer, prompt, place, id, probability),
    attention: await attentionFrom(engine, predictor.asked, prompt, place),
    ...(prompt.window && { window: prompt.window }),
  };
}

function promptOf(
  predictor: Predictor,
  tokenizer: Tokenizer,
  text: string,
  mask: number,
): { prompt: Prompt; place: number } {
  const prompts = readPrompts(tokenizer, text, predictor.maxTokens);
  let before = 0;
  for (const prompt of prompts) {
    const place = prompt.sites[mask - before];
    if (place !== undefined) return { prompt, place };
    before += prompt.sites.length;
  }
  throw new ConfigError(`the text has ${before} masks, there is no mask ${mask + 1}`);
}

function targetId(tokenizer: Tokenizer, distribution: Float32Array, target: string | undefined): number {
  if (target === undefined) return topK(distribution, 1)[0]?.id ?? 0;
  const { ids } = tokenizer.encode(target, { addSpecialTokens: false });
  const id = tokenizer.tokenToId(target) ?? (ids.length === 1 ? ids[0] : undefined);
  if (id === undefined || tokenizer.specialIds.includes(id)) {
    throw new DataError(
      `the target '${target}' is not one ordinary token of the vocabulary: explain one token at a time`,
    );
  }
  return id;
}

/** Embeddings of a text, of its baseline, and of what lies between them. */
class EmbeddingPath {
  /** f32[T, W] */
  readonly text: Float32Array;
  readonly baseline: Float32Array;
  readonly width: number;

  constructor(
    { model, parameters }: PredictorModel,
    tokenizer: Tokenizer,
    readonly prompt: Prompt,
    place: number,
  ) {
    const table = parameters.get(model.embeddings);
    if (!table) throw new BackendError(`the model has no '${model.embeddings}'`);
    this.width = table.shape[1] as number;
    const special = new Set(tokenizer.specialIds);
    const rowsOf = (ids: readonly number[]) => {
      const rows = new Float32Array(ids.length * this.width);
      for (const [token, id] of ids.entries()) {
        rows.set(table.data.subarray(id * this.width, (id + 1) * this.width), token * this.width);
      }
      return rows;
    };
    this.text = rowsOf(prompt.ids);
    const masked = prompt.ids.map((id, token) =>
      special.has(id) || token === place ? id : tokenizer.special.mask,
    );
    this.baseline = rowsOf(masked);
  }

  /** f32[T, W] at `fraction` of the way from the baseline to the text. */
  at(fraction: number): Float32Array {
    return this.text.map((value, index) => {
      const start = this.baseline[index] as number;
      return start + fraction * (value - start);
    });
  }
}

interface PathGradients {
  readonly gradientInput: number[];
  readonly integrated: number[];
  readonly atText: number;
  readonly atBaseline: number;
}

async function pathGradients(
  engine: Engine,
  asked: PredictorModel,
  path: EmbeddingPath,
  { place, id, steps }: { readonly place: number; readonly id: number; readonly steps: number },
): Promise<PathGradients> {
  const T = path.prompt.ids.length;
  const V = asked.model.config.vocabSize;
  const S = steps + 2; // the nodes, then the text and the baseline themselves
  const loaded = await engine.load(gradientProgram(asked, S, path.prompt.ids, place));
  const rule = gaussLegendre(steps);
  const fractions = [...rule.nodes, 1, 0];
  const embeddings = new Float32Array(S * T * path.width);
  for (const [row, fraction] of fractions.entries()) embeddings.set(path.at(fraction), row * T * path.width);
  const feeds: Record<string, TensorValue> = {
    embeddings: { dtype: 'float32', shape: [S * T, path.width], data: embeddings },
    labels: { dtype: 'int32', shape: [S], data: new Int32Array(S).fill(id) },
    places: { dtype: 'int32', shape: [S], data: Int32Array.from({ length: S }, (_, row) => row * V + id) },
    weights: { dtype: 'float32', shape: [S], data: new Float32Array(S).fill(1) },
  };
  const { probability, gradient } = await loaded.run(feeds);
  await loaded.release();
  // The loss is the negative log-probability.
  const slopes = Float32Array.from(gradient?.data as Float32Array, (value) => -value);
  const size = T * path.width;
  const mean = new Float64Array(size);
  for (const [row, weight] of rule.weights.entries()) {
    for (let index = 0; index < size; index++) {
      mean[index] = (mean[index] as number) + weight * (slopes[row * size + index] as number);
    }
  }
  const atText = slopes.subarray(steps * size, (steps + 1) * size);
  const change = path.text.map((value, index) => value - (path.baseline[index] as number));
  return {
    gradientInput: tokenSums(atText, path.text, path.width),
    integrated: tokenSums(mean, change, path.width),
    atText: probability?.data[steps] as number,
    atBaseline: probability?.data[steps + 1] as number,
  };
}

/** Dot products of the rows of two f32[T, W]. */
function tokenSums(a: ArrayLike<number>, b: ArrayLike<number>, width: number): number[] {
  return Array.from({ length: a.length / width }, (_, token) => {
    let sum = 0;
    for (let axis = token * width; axis < (token + 1) * width; axis++)
      sum += (a[axis] as number) * (b[axis] as number);
    return sum;
  });
}

async function occlusion(
  predictor: Predictor,
  tokenizer: Tokenizer,
  { ids }: Prompt,
  place: number,
  id: number,
  probability: number,
): Promise<number[]> {
  const special = new Set(tokenizer.specialIds);
  const rows = ids.flatMap((own, token) =>
    special.has(own) || token === place
      ? []
      : [{ ids: ids.with(token, tokenizer.special.mask), positions: [place], labels: [id], token }],
  );
  const changes = new Array<number>(ids.length).fill(0);
  for await (const { row, values } of predictor.ask({ kind: 'labels', over: 'valid' }, rows)) {
    changes[row.token] = Math.log(probability) - Math.log(Math.max(values[0] as number, 2 ** -126));
  }
  return changes;
}

async function attentionFrom(
  engine: Engine,
  asked: PredictorModel,
  { ids }: Prompt,
  place: number,
): Promise<number[][][]> {
  const T = ids.length;
  const program = attentionProgram(asked, T);
  const loaded = await engine.load(program);
  const layers = await loaded.run({
    inputIds: { dtype: 'int32', shape: [1, T], data: Int32Array.from(ids) },
  });
  await loaded.release();
  return program.outputs.map(({ name, shape }) => {
    const data = layers[name]?.data as Float32Array;
    return Array.from({ length: shape[1] as number }, (_, head) => [
      ...data.subarray((head * T + place) * T, (head * T + place + 1) * T),
    ]);
  });
}
