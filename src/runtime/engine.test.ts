import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  compileLoop,
  compileProgram,
  constant,
  evaluate,
  Graph,
  input,
  mul,
  type NdArray,
  NEXT,
  scatterAddRows,
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

describe('explained', () => {
  it.each(['std::bad_alloc', 'Failed to allocate memory for requested buffer of size 99'])(
    '%s',
    (message) => {
      expect(explained(message)).toMatch(
        /^ONNX Runtime: there is too little memory; lower the micro-batch size/,
      );
      expect(explained(message)).toContain(message);
    },
  );

  it('leaves other messages as they are', () => {
    expect(explained('Invalid rank')).toBe('ONNX Runtime: Invalid rank');
  });
});

describe('a loop', () => {
  /** x <- x * a + b_k, reporting x before the step. */
  function counter(graph: Graph) {
    const x = input(graph, 'x', 'float32', [2]);
    const a = input(graph, 'a', 'float32', []);
    const b = input(graph, 'b', 'float32', [2]);
    return { state: new Map([['x', add(mul(x, a), b)]]), perStep: ['b'], metrics: { before: mul(x, x) } };
  }

  it('carries state between steps and between runs', async () => {
    const program = compileLoop(counter(new Graph()));
    const loaded = await engine.load(program, { carried: { [`x${NEXT}`]: 'x' } });
    const vector = (values: number[], shape: number[]): TensorValue => ({
      dtype: 'float32',
      shape,
      data: Float32Array.from(values),
    });
    await loaded.writeState({ x: vector([1, 2], [2]) });
    const feeds = { a: vector([2], []), b: vector([1, 0, 0, 0, 0, -1], [3, 2]) };
    const first = await loaded.run(feeds);
    expect([...(first.before?.data ?? [])]).toEqual([1, 4, 9, 16, 36, 64]);
    expect([...((await loaded.readState()).x?.data ?? [])]).toEqual([12, 15]);
    const second = await loaded.run(feeds);
    expect([...(second.before?.data ?? [])].slice(0, 2)).toEqual([144, 225]);
    await loaded.writeState({ x: vector([1, 2], [2]) });
    const shorter = await loaded.run({ a: vector([2], []), b: vector([1, 0], [1, 2]) });
    expect(shorter.before?.shape).toEqual([1, 2]);
    expect([...((await loaded.readState()).x?.data ?? [])]).toEqual([3, 4]);
    const other = await engine.load(program, { carried: { [`x${NEXT}`]: 'x' } });
    await other.takeState(loaded);
    expect([...((await other.readState()).x?.data ?? [])]).toEqual([3, 4]);
    expect(await loaded.readState()).toEqual({});
    await other.release();
    await loaded.release();
  });

  it('refuses a feed of the wrong shape and reports what the back end says', async () => {
    const loaded = await engine.load(compileLoop(counter(new Graph())));
    const bad: TensorValue = { dtype: 'float32', shape: [3], data: new Float32Array(3) };
    expect(() => loaded.run({ x: bad })).toThrow("input 'x' must be float32[2], got float32[3]");
    await expect(loaded.run({})).rejects.toThrow('ONNX Runtime');
    await loaded.release();
  });
});
