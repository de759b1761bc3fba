import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  compileProgram,
  compileStep,
  constant,
  descentState,
  evaluate,
  GRADIENT,
  Graph,
  input,
  momentName,
  mul,
  type NdArray,
  NEXT,
  reduceSum,
  type StepSpec,
  scatterAddRows,
  sqrt,
  type Tensor,
} from '../graph/index.js';
import { drawInputs, gradientProgram, opCases, otherCases } from '../graph/testing/index.js';
import { Engine, explained } from './engine.js';
import type { TensorValue } from './protocol.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 2 });
});
afterAll(() => engine.close());

const toFeed = ({ shape, data }: NdArray): TensorValue => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

async function compareWithReference(
  outputs: Record<string, Tensor>,
  inputs: Map<string, NdArray>,
): Promise<void> {
  const program = compileProgram(outputs);
  const loaded = await engine.load(program);
  const used = new Set(program.inputs.map((port) => port.name));
  const feeds = Object.fromEntries(
    [...inputs].filter(([name]) => used.has(name)).map(([n, v]) => [n, toFeed(v)]),
  );
  const results = await loaded.run(feeds);
  await loaded.release();
  const expected = evaluate(Object.values(outputs), inputs);
  for (const [index, name] of Object.keys(outputs).entries()) {
    const reference = expected[index] as NdArray;
    const got = results[name] as TensorValue;
    expect(got.shape, name).toEqual(reference.shape);
    for (const [element, value] of reference.data.entries()) {
      expect(Math.abs(Number(got.data[element]) - value), `${name}[${element}]`).toBeLessThan(
        2e-5 * (1 + Math.abs(value)),
      );
    }
  }
}

describe('every op on ONNX Runtime equals its float64 reference', () => {
  for (const [name, op] of Object.entries(opCases)) {
    it(`${name}, forward and gradients`, async () => {
      const { output, loss, gradients } = gradientProgram(op);
      const outputs = { output, loss, ...Object.fromEntries(gradients.map((g, index) => [`d${index}`, g])) };
      await compareWithReference(outputs, drawInputs(op));
    });
  }
  for (const [name, op] of Object.entries(otherCases)) {
    it(name, async () => {
      const graph = new Graph();
      const inputs = op.shapes.map((shape, index) => input(graph, `x${index}`, 'float32', shape));
      await compareWithReference({ output: op.build(inputs, graph) }, drawInputs(op));
    });
  }
});

describe('scatterAddRows', () => {
  it('adds repeated ids exactly with two threads (ScatterND would race)', async () => {
    const [count, width, rows] = [4096, 64, 7];
    const graph = new Graph();
    const updates = input(graph, 'updates', 'float32', [count, width]);
    const ids = constant(
      graph,
      Int32Array.from({ length: count }, (_, index) => (index * index) % rows),
      [count],
    );
    const loaded = await engine.load(compileProgram({ sums: scatterAddRows(updates, ids, rows) }));
    const ones = {
      dtype: 'float32',
      shape: [count, width],
      data: new Float32Array(count * width).fill(1),
    } as const;
    const expected = new Float32Array(rows * width);
    for (let index = 0; index < count; index++) {
      const row = (index * index) % rows;
      for (let column = 0; column < width; column++) expected[row * width + column]! += 1;
    }
    for (let repetition = 0; repetition < 20; repetition++) {
      const { sums } = await loaded.run({ updates: ones });
      expect(sums?.data).toEqual(expected);
    }
    await loaded.release();
  });
});

describe('an engine that is closed', () => {
  it('before anything was asked of it waits until ONNX Runtime is loaded, and answers nothing more', async () => {
    const unused = new Engine({ threads: 1 });
    const closing = unused.close();
    const late = unused.readiness();
    await closing;
    await late;
    await expect(unused.readiness()).rejects.toThrow('the engine is closed');
  });
});

describe('explained', () => {
  it.each([
    'std::bad_alloc',
    'Failed to allocate memory for requested buffer of size 99',
    'WebAssembly.Memory(): could not allocate memory',
  ])('%s', (message) => {
    expect(explained(message)).toMatch(
      /^ONNX Runtime: there is too little memory; lower the micro-batch size/,
    );
    expect(explained(message)).toContain(message);
  });

  it('leaves other messages as they are', () => {
    expect(explained('Invalid rank')).toBe('ONNX Runtime: Invalid rank');
  });
});

const vector = (values: readonly number[], shape: readonly number[] = [values.length]): TensorValue => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});

describe('a step of training', () => {
  /** The loss w.b + x.b: the gradient of w is b; x becomes x * a + b. */
  function spec(): StepSpec {
    const graph = new Graph();
    const declare = (name: string) => input(graph, name, 'float32', [2]);
    const [w, x, b] = [declare('w'), declare('x'), declare('b')];
    const a = input(graph, 'a', 'float32', []);
    const descending = [
      { name: 'w', gradient: mul(b, constant(graph, Float32Array.of(1, 1), [2])), decays: true },
    ];
    return {
      state: new Map([...descentState(descending), ['x', x]]),
      successors: new Map([['x', add(mul(x, a), b)]]),
      descents: descending,
      metrics: {
        loss: reduceSum(mul(add(w, x), b), [0]),
        norm: sqrt(reduceSum(mul(b, b), [0])),
      },
    };
  }
  const update = {
    parameter: 'w',
    first: momentName('w', 'first'),
    second: momentName('w', 'second'),
    gradient: `w${GRADIENT}`,
    shape: [2],
    decays: true,
  };
  const options = {
    carried: { [`x${NEXT}`]: 'x' },
    adamW: { beta1: 0, beta2: 0, updates: [update], maxGradientNorm: 1, norm: 'norm' },
  };
  /** With no memory of the past every value moves by the step size, against the sign of its gradient. */
  const scalars = { stepSize: 0.25, epsilon: 0, retained: 1 };
  const step = (b: readonly number[], a = 2) => ({ feeds: { a: vector([a], []), b: vector(b) }, scalars });
  const numbers = (value: TensorValue | undefined) => [...(value?.data ?? [])];

  it('moves parameters, carries the rest, and leaves both alone when a metric is not finite', async () => {
    const program = compileStep(spec());
    const loaded = await engine.load(program, options);
    await loaded.writeState({ w: vector([1, 2]), x: vector([1, 2]) });
    const metrics = await loaded.steps([step([1, 3]), step([Number.NaN, 1]), step([-1, 5])]);
    expect(numbers(metrics.loss)).toEqual([2 + 12, Number.NaN, -(0.75 + 3) + 5 * (1.75 + 7)]);
    const state = await loaded.readState();
    expect(numbers(state.w)).toEqual([1, 1.5]);
    expect(numbers(state.x)).toEqual([5, 19]);
    // Moments of one step back, of gradients scaled down to the norm 1.
    expect(numbers(state[update.first])).toEqual(
      [-1, 5].map((value) => expect.closeTo(value / Math.sqrt(26))),
    );
    expect(state[update.first]?.shape).toEqual([2]);

    const other = await engine.load(program, options);
    await other.takeState(loaded);
    await expect(loaded.steps([step([1, 1])])).rejects.toThrow('nothing to train');
    await other.steps([step([1, -1])]);
    expect(numbers((await other.readState(['w'])).w)).toEqual([0.75, 1.75]);
    await loaded.takeState(other);
    expect(numbers((await loaded.readState(['w'])).w)).toEqual([0.75, 1.75]);
    await loaded.writeState({ w: vector([7, 8]), [update.first]: vector([0, 0]) });
    expect(await loaded.readState(['w', update.first])).toEqual({
      w: vector([7, 8]),
      [update.first]: vector([0, 0]),
    });
    await expect(loaded.readState(['y'])).rejects.toThrow("the program carries no 'y'");
    await other.release();
    await loaded.release();
  });

  it('refuses to train without the norm that it clips by, and state of another size', async () => {
    const adamW = { ...options.adamW, norm: 'none' };
    const loaded = await engine.load(compileStep(spec()), { ...options, adamW });
    await loaded.writeState({ w: vector([1, 2]), x: vector([1, 2]) });
    await expect(loaded.steps([step([1, 1])])).rejects.toThrow("the program gives no 'none'");
    await expect(loaded.writeState({ w: vector([1]) })).rejects.toThrow("'w' has 2 values, got 1");
    await loaded.release();
  });

  it('refuses a feed of the wrong shape and reports what the back end says', async () => {
    const loaded = await engine.load(compileStep(spec()), options);
    expect(() => loaded.run({ x: vector([1, 2, 3]) })).toThrow(
      "input 'x' must be float32[2], got float32[3]",
    );
    expect(() => loaded.steps([{ feeds: { b: vector([1]) }, scalars }])).toThrow(
      "input 'b' must be float32[2]",
    );
    await expect(loaded.run({})).rejects.toThrow('ONNX Runtime');
    await loaded.release();
  });
});
