import { RandomPurpose, RandomStream, type Shape, sizeOf } from '../core/index.js';
import {
  add,
  attention,
  compileLoop,
  Graph,
  gradients,
  input,
  mul,
  NEXT,
  reduceSum,
  type StepSpec,
  type Tensor,
} from '../graph/index.js';
import type { Engine, TensorValue, TensorValues } from '../runtime/index.js';
import type { StepModel } from './step-meter.js';

/** How far queries, keys and values move after each evaluation: far enough that none can be skipped. */
const STEP_SIZE = 1e-3;

/** About how long one measurement takes, and the most evaluations in it. */
const MEASUREMENT_MS = 1000;
const MAX_ITERATIONS = 1000;

/**
 * Measures what the L attentions of a training step cost, in milliseconds a step: scores, softmax and context, forward
 * and backward, without the projections around them; the only part that grows with T squared.
 */
export async function attentionMs(engine: Engine, { language, shape }: StepModel): Promise<number> {
  const { hiddenSize: H, numAttentionHeads: A, numHiddenLayers: L } = language.config;
  const size = [shape.batchSize, A, shape.sequenceLength, H / A];
  const step = attentionStep(size, L);
  const iterations = MEASUREMENT_MS / (await msPerIteration(engine, step, size, 2));
  const bounded = Math.max(2, Math.min(MAX_ITERATIONS, Math.round(iterations)));
  return (shape.microBatches ?? 1) * (await msPerIteration(engine, step, size, bounded));
}

/**
 * L attentions over f32[B, A, T, D] and their backward. Each takes the context of the one before as its query, so that
 * the backward holds the probabilities of all of them, as that of a model does.
 */
function attentionStep(size: Shape, layers: number): StepSpec {
  const graph = new Graph();
  const declare = (name: string): Tensor => input(graph, name, 'float32', size);
  const [q, k, v, direction] = [declare('q'), declare('k'), declare('v'), declare('direction')];
  let context = q;
  for (let layer = 0; layer < layers; layer++) {
    context = attention(context, k, v, (size[3] as number) ** -0.5).context;
  }
  const loss = reduceSum(mul(context, direction), [0, 1, 2, 3]);
  const slopes = gradients(loss, [q, k, v]);
  const stepSize = input(graph, 'stepSize', 'float32', []);
  const moved = (tensor: Tensor, index: number): Tensor =>
    add(tensor, mul(slopes[index] as Tensor, stepSize));
  const state = new Map([
    ['q', moved(q, 0)],
    ['k', moved(k, 1)],
    ['v', moved(v, 2)],
    ['direction', direction],
  ]);
  return { state, perStep: ['stepSize'], metrics: { loss } };
}

/** The second of two runs: the first pays for memory. */
async function msPerIteration(
  engine: Engine,
  step: StepSpec,
  shape: Shape,
  iterations: number,
): Promise<number> {
  const names = [...step.state.keys()];
  const carried = Object.fromEntries(names.map((name) => [`${name}${NEXT}`, name]));
  const loaded = await engine.load(compileLoop(step), { carried });
  const random = new RandomStream(0, RandomPurpose.sampling);
  for (const name of names) {
    const data = Float32Array.from({ length: sizeOf(shape) }, () => random.nextNormal());
    const value: TensorValue = { dtype: 'float32', shape, data };
    await loaded.writeState({ [name]: value });
  }
  const data = new Float32Array(iterations).fill(STEP_SIZE);
  const feeds: TensorValues = { stepSize: { dtype: 'float32', shape: [iterations], data } };
  await loaded.run(feeds);
  const started = performance.now();
  await loaded.run(feeds);
  const elapsedMs = performance.now() - started;
  await loaded.release();
  return elapsedMs / iterations;
}
