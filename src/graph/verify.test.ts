import { describe, expect, it } from 'vitest';
import {
  type OnnxGraphParts,
  onnxExternalTensor,
  onnxGraph,
  onnxModel,
  onnxNode,
  onnxTensor,
  onnxValueInfo,
} from '../formats/index.js';
import { Graph } from './graph.js';
import { compileProgram, compileStep } from './index.js';
import { add } from './ops/elementwise.js';
import { input } from './ops/source.js';
import { gradientProgram, opCases } from './testing/index.js';
import { verifyModel } from './verify.js';

const x = onnxValueInfo('x', 'float32', [2]);
const y = onnxValueInfo('y', 'float32', [2]);
const relu = onnxNode('Relu', ['x'], ['y']);

function verify(parts: Partial<OnnxGraphParts>): void {
  verifyModel(
    onnxModel(onnxGraph({ name: 'g', nodes: [relu], inputs: [x], outputs: [y], ...parts }), { '': 23 }),
  );
}

describe('a model that leaves Lacuna', () => {
  const named = onnxValueInfo('x', 'float32', ['batch_size']);
  const dynamic = (sizes: string[]) =>
    verifyModel(
      onnxModel(onnxGraph({ name: 'g', nodes: [relu], inputs: [named], outputs: [y] }), { '': 17 }),
      {
        dynamicSizes: new Set(sizes),
      },
    );
  const outside = (offsetBytes: number, sizeBytes: number) => {
    const weight = onnxExternalTensor('w', 'float16', [4], { file: 'f', offsetBytes, sizeBytes });
    const parts = { name: 'g', nodes: [relu], inputs: [x], outputs: [y], initializers: [weight] };
    verifyModel(onnxModel(onnxGraph(parts), { '': 17 }), { externalBytes: 16 });
  };

  it('may name its sizes, those that are declared', () => {
    expect(() => dynamic(['batch_size'])).not.toThrow();
    expect(() => dynamic(['sequence_length'])).toThrow('a dimension that is not fixed');
    expect(() => verify({ inputs: [named] })).toThrow('a dimension that is not fixed');
  });

  it('may keep weights in another file, inside its bounds', () => {
    expect(() => outside(8, 8)).not.toThrow();
    expect(() => outside(9, 8)).toThrow("initializer 'w' lies outside its file of 16 bytes");
    expect(() => outside(-1, 8)).toThrow('lies outside its file');
    expect(() => outside(0, 4)).toThrow("initializer 'w' of shape [4] needs 8 bytes, has 4");
  });
});

describe('verifyModel', () => {
  it('accepts what is whole, and everything that is emitted', () => {
    expect(() => verify({})).not.toThrow();
    for (const op of Object.values(opCases)) {
      const { loss, gradients } = gradientProgram(op);
      const outputs = { loss, ...Object.fromEntries(gradients.map((g, index) => [`d${index}`, g])) };
      expect(() => compileProgram(outputs)).not.toThrow();
    }
  });

  const openBody = (names: readonly string[]) =>
    onnxGraph({
      name: 'b',
      nodes: [],
      inputs: names.map((name) => onnxValueInfo(name, 'float32')),
      outputs: [],
    });

  const broken: readonly (readonly [string, Partial<OnnxGraphParts>, string])[] = [
    ['a second assignment', { nodes: [relu, relu] }, "'y' is assigned a second time"],
    [
      'use before definition',
      { nodes: [onnxNode('Relu', ['z'], ['y'])] },
      "input 'z' is not defined before it",
    ],
    ['a missing output', { nodes: [] }, "output 'y' is never produced"],
    [
      'an unknown domain',
      { nodes: [onnxNode('Gelu', ['x'], ['y'], {}, 'com.microsoft')] },
      'is not imported',
    ],
    [
      'a racing scatter',
      { nodes: [onnxNode('ScatterND', ['x', 'x', 'x'], ['y'], { reduction: 'add' })] },
      'races when indices repeat',
    ],
    [
      'an initializer of the wrong length',
      { initializers: [onnxTensor('w', 'float32', [3], Float32Array.of(1, 2))] },
      "initializer 'w' of shape [3] needs 12 bytes, has 8",
    ],
    [
      'a subgraph that shadows a name',
      {
        nodes: [
          onnxNode('Loop', ['', ''], ['y'], {
            body: { graph: onnxGraph({ name: 'b', nodes: [], inputs: [x], outputs: [x] }) },
          }),
        ],
      },
      "'x' is assigned a second time",
    ],
    [
      'an input without a shape',
      { inputs: [x, onnxValueInfo('open', 'float32')] },
      "'open' has no tensor shape",
    ],
    [
      'a subgraph whose input has no shape, unless a loop carries it',
      { nodes: [onnxNode('If', ['x'], ['y'], { then_branch: { graph: openBody(['carried']) } })] },
      "'carried' has no tensor shape",
    ],
    [
      'a loop that does not know what it counts',
      {
        nodes: [onnxNode('Loop', ['', ''], ['y'], { body: { graph: openBody(['iteration', 'condition']) } })],
      },
      "'iteration' has no tensor shape",
    ],
  ];
  for (const [name, parts, message] of broken) {
    it(`finds ${name}`, () => expect(() => verify(parts)).toThrow(message));
  }
});

describe('compileStep', () => {
  it('refuses successors of state that is not used, or that change its shape', () => {
    const graph = new Graph();
    const a = input(graph, 'a', 'float32', [2]);
    const b = input(graph, 'b', 'float32', [3, 2]);
    const step = (name: string, next: typeof a) => ({
      state: new Map([[name, a]]),
      successors: new Map([[name, next]]),
      descents: [],
      metrics: {},
    });
    expect(() => compileStep(step('c', a))).toThrow("state 'c' is not an input that the step uses");
    expect(() => compileStep(step('a', add(a, b)))).toThrow("state 'a' is f32[2], its successor f32[3, 2]");
  });
});
