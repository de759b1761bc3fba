import { RandomPurpose, RandomStream, type Shape, sizeOf } from '../core/index.js';
import {
  attention,
  compileProgram,
  Graph,
  gradients,
  input,
  mul,
  type Program,
  reduceSum,
  split,
  type Tensor,
} from '../graph/index.js';
import type { Engine, LoadedProgram, TensorValue, TensorValues } from '../runtime/index.js';
import type { StepModel } from './step-meter.js';

/** About how long one measurement takes, and the most runs in it. */
const MEASUREMENT_MS = 1000;
const MOST_RUNS = 1000;

/**
 * Measures what the L attentions of a training step cost, in milliseconds a step: scores, softmax and context, forward
 * and backward, without the projections around them; the only part that grows with T squared. The last looks from the
 * predicted positions alone.
 */
export async function attentionMs(engine: Engine, { language, shape }: StepModel): Promise<number> {
  const { hiddenSize: H, numAttentionHeads: A, numHiddenLayers: L } = language.config;
  const size = [shape.batchSize, A, shape.sequenceLength, H / A];
  const loaded = await engine.load(attentionProgram(size, L, shape.predictions / shape.batchSize));
  const feeds = madeUpFeeds(loaded.program);
  // The first run pays for memory.
  await loaded.run(feeds);
  const once = await msPerRun(loaded, feeds, 1);
  const runs = Math.max(2, Math.min(MOST_RUNS, Math.round(MEASUREMENT_MS / once)));
  const ms = await msPerRun(loaded, feeds, runs);
  await loaded.release();
  return (shape.microBatches ?? 1) * ms;
}

/**
 * L attentions over f32[B, A, T, D] and their backward, the last with `lastQueries` queries. Each takes the context of the one
 * before as its query, so that the backward holds the probabilities of all of them, as that of a model does.
 */
function attentionProgram(size: Shape, layers: number, lastQueries: number): Program {
  const graph = new Graph();
  const declare = (name: string, shape: Shape): Tensor => input(graph, name, 'float32', shape);
  const [q, k, v] = [declare('q', size), declare('k', size), declare('v', size)];
  const direction = declare('direction', size.with(2, lastQueries));
  const scale = (size[3] as number) ** -0.5;
  let context = q;
  for (let layer = 1; layer < layers; layer++) context = attention(context, k, v, scale).context;
  const asking = split(context, [lastQueries, (size[2] as number) - lastQueries], 2)[0] as Tensor;
  context = attention(asking, k, v, scale).context;
  const total = (tensor: Tensor): Tensor => reduceSum(tensor, [0, 1, 2, 3]);
  const loss = total(mul(context, direction));
  const [dq, dk, dv] = gradients(loss, [q, k, v]).map(total) as [Tensor, Tensor, Tensor];
  // Sums, because whole gradients would be copied out.
  return compileProgram({ loss, dq, dk, dv });
}

function madeUpFeeds({ inputs }: Program): TensorValues {
  const random = new RandomStream(0, RandomPurpose.sampling);
  const feed = (sizes: readonly (number | string)[]): TensorValue => {
    const shape = sizes.map(Number); // none is open here
    const data = Float32Array.from({ length: sizeOf(shape) }, () => random.nextNormal());
    return { dtype: 'float32', shape, data };
  };
  return Object.fromEntries(inputs.map(({ name, shape }) => [name, feed(shape)]));
}

async function msPerRun(loaded: LoadedProgram, feeds: TensorValues, runs: number): Promise<number> {
  const started = performance.now();
  for (let run = 0; run < runs; run++) await loaded.run(feeds);
  return (performance.now() - started) / runs;
}
