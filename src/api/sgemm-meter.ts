import { RandomPurpose, RandomStream } from '../core/index.js';
import { compileProgram, Graph, input, matMul } from '../graph/index.js';
import type { Engine, TensorValue } from '../runtime/index.js';

/** Side of the square matrices whose product is the machine's limit, and products in one measurement. */
const SGEMM_SIZE = 1024;
const SGEMM_PRODUCTS = 8;
/** Fewer of them are enough, and keep nobody waiting, where a training only tells what share of the peak it reaches. */
const PEAK_PRODUCTS = 4;

/** Runs of the product by which a machine is judged before a training: the better counts, the first also warms up. */
const PEAK_RUNS = 2;

/** Measures the product of two square matrices, in GFLOP/s: the machine's limit through the same runtime. */
export async function sgemmMeter(engine: Engine): Promise<() => Promise<number>> {
  return (await loadedMeter(engine, SGEMM_PRODUCTS)).measure;
}

/** Floating-point operations that the product of two square matrices does in a second, measured with 17 billion of them. */
export async function peakFlopsPerSecond(engine: Engine): Promise<number> {
  const { measure, release } = await loadedMeter(engine, PEAK_PRODUCTS);
  let best = 0;
  for (let run = 0; run < PEAK_RUNS; run++) best = Math.max(best, await measure());
  await release();
  return 1e9 * best;
}

async function loadedMeter(engine: Engine, products: number) {
  const shape = [SGEMM_SIZE, SGEMM_SIZE];
  const graph = new Graph();
  const [a, b] = [input(graph, 'a', 'float32', shape), input(graph, 'b', 'float32', shape)];
  // A chain of products, of which only the last leaves the run: the copy of outputs is not what is measured.
  let product = matMul(a, b);
  for (let index = 1; index < products; index++) product = matMul(product, b);
  const loaded = await engine.load(compileProgram({ product }));
  const random = new RandomStream(0, RandomPurpose.sampling);
  const data = Float32Array.from({ length: SGEMM_SIZE ** 2 }, () => random.nextFloat() / SGEMM_SIZE);
  const value: TensorValue = { dtype: 'float32', shape, data };
  const measure = async () => {
    const started = performance.now();
    await loaded.run({ a: value, b: value });
    return (2 * products * SGEMM_SIZE ** 3) / (performance.now() - started) / 1e6;
  };
  return { measure, release: () => loaded.release() };
}
