import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../core/index.js';
import { decodeOnnx } from '../formats/index.js';
import { constant, encodeDraft, evaluate, Graph, type NdArray, verifyModel } from '../graph/index.js';
import {
  declareParameters,
  families,
  type LanguageModel,
  lastOf,
  type ParameterValues,
} from '../model/index.js';
import { formulaWeights, tinySizes } from '../model/testing/index.js';
import { Engine, type TensorValue, type TensorValues } from '../runtime/index.js';
import { draftInference, EXPORT_TASKS, modelForTask } from './index.js';

const sizes = { ...tinySizes, vocabSize: 23, hiddenSize: 12, numHiddenLayers: 2, padTokenId: 1 };
const LABELS = ['a', 'b', 'c'];

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 1 });
});
afterAll(() => engine.close());

/** B rows of T ids, of which the last has two tokens of padding where there is room. */
function batch(B: number, T: number): { readonly ids: number[]; readonly mask: number[] } {
  const isPadding = (at: number) => Math.floor(at / T) === B - 1 && at % T >= Math.max(1, T - 2);
  const mask = Array.from({ length: B * T }, (_, at) => (isPadding(at) ? 0 : 1));
  return { ids: mask.map((real, at) => (real ? 2 + ((at * 5) % 21) : sizes.padTokenId)), mask };
}

interface Texts {
  readonly ids: readonly number[];
  readonly mask: readonly number[];
  readonly shape: readonly [number, number];
}

/** What the model of fixed shapes gives, by the float64 reference. */
function outputHere(model: LanguageModel, values: ParameterValues, { ids, mask, shape }: Texts): number[] {
  const graph = new Graph();
  const weights = declareParameters(graph, model.parameters);
  const table = (data: readonly number[]) => constant(graph, Int32Array.from(data), shape);
  const inputs = { inputIds: table(ids), attentionMask: table(mask) };
  const hiddenStates = lastOf(model.encode(weights, inputs));
  const output = () => {
    if (model.task === 'feature-extraction') return hiddenStates;
    if (model.task === 'fill-mask') return model.predictionLogits(weights, hiddenStates, { inputs });
    return model.classLogits(weights, hiddenStates, inputs);
  };
  const feeds = new Map<string, NdArray>(
    [...values].map(([name, value]) => [name, { shape: value.shape, data: Float64Array.from(value.data) }]),
  );
  return [...(evaluate([output()], feeds)[0] as NdArray).data];
}

const cases = families.flatMap((family) =>
  EXPORT_TASKS.filter((task) => family.tasks.includes(task)).map((task) => ({ family, task })),
);

describe('a model that leaves Lacuna computes what it computed here', () => {
  it.each(cases.map(({ family, task }) => [family.modelType, task, family] as const))(
    '%s for %s, with other batches, lengths and padding',
    async (_, task, family) => {
      const created = family.create(sizes, task, LABELS);
      const model = modelForTask(created, task, 'test');
      const values = formulaWeights(model.parameters);
      // Tables are places in each other: src/baselines/evidence has a model with some.
      for (const { name, kind } of model.parameters) if (kind === 'table') values.get(name)?.data.fill(0);
      const draft = draftInference(model, values);
      const { model: onnx } = encodeDraft(draft, { externalFile: 'unused' });
      const known = draft.inputs.map(({ name }) => name);
      const inputs = draft.inputs.map(({ name, shape }) => ({ name, shape, dtype: 'int64' as const }));
      const exported = await engine.load({ onnx, inputs, outputs: [] });
      for (const [B, T] of [
        [1, 5],
        [3, 11],
      ] as const) {
        const { ids, mask } = batch(B, T);
        const bigints = (data: readonly number[]): TensorValue => ({
          dtype: 'int64',
          shape: [B, T],
          data: BigInt64Array.from(data, BigInt),
        });
        const all: TensorValues = {
          input_ids: bigints(ids),
          attention_mask: bigints(mask),
          token_type_ids: bigints(ids.map(() => 0)),
        };
        const feeds = Object.fromEntries(Object.entries(all).filter(([name]) => known.includes(name)));
        const got = await exported.run(feeds);
        const expected = outputHere(model, values, { ids, mask, shape: [B, T] });
        const [output] = Object.values(got);
        expect(output?.data.length).toBe(expected.length);
        const difference = expected.map((value, at) => Math.abs(value - Number(output?.data[at])));
        expect(Math.max(...difference)).toBeLessThan(1e-5);
      }
      await exported.release();
    },
  );
});

describe('an ONNX file with changed bytes', () => {
  it('is a model that passes the verifier, or a FormatError', () => {
    const model = families[0]?.create(sizes) as LanguageModel;
    const draft = draftInference(model, formulaWeights(model.parameters));
    const { model: bytes } = encodeDraft(draft, { externalFile: 'unused' });
    const dynamicSizes = new Set(['batch_size', 'sequence_length']);
    const outcomes = { read: 0, refused: 0 };
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(3), (changes, cut) => {
        const changed = bytes.slice(0, cut === 0 ? changes[0]?.[0] : undefined);
        for (const [at, value] of changes) if (at < changed.length) changed[at] = value;
        try {
          verifyModel(decodeOnnx(changed, 'fuzz'), { dynamicSizes });
          outcomes.read++;
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          outcomes.refused++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(50);
  });
});
