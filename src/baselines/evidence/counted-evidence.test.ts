import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../../core/index.js';
import { type Batch, evaluationBatches } from '../../data/index.js';
import { constant, evaluate, Graph, type NdArray } from '../../graph/index.js';
import { draftInference, exactTables, onnxFiles, preciseWeights } from '../../hub/index.js';
import { bertPolicy } from '../../masking/index.js';
import {
  declareParameters,
  initialParameters,
  lastOf,
  modernBertCounts,
  type ParameterValues,
} from '../../model/index.js';
import { tinySizes } from '../../model/testing/index.js';
import { Engine } from '../../runtime/index.js';
import { countNgrams } from '../counts.js';
import { contextOf } from '../score.js';
import { packedRows } from '../testing/packed-rows.js';
import { CountedEvidence } from './counted-evidence.js';

const V = 300;
const T = 16;
const [PAD, CLS, SEP, MASK] = [0, 2, 3, 4];
const specialIds = [PAD, 1, CLS, SEP, MASK];
const vocabulary = { vocabSize: V, specialIds, maskId: MASK };
const question = { sequenceLength: T, maskId: MASK };

/** A text in which words follow one another by rules, some of them seldom. */
function text(rows: number, seed: number): number[][] {
  const random = new RandomStream(seed, RandomPurpose.sampling);
  return Array.from({ length: rows }, () => {
    let id = 5 + random.nextInt(V - 5);
    const body = Array.from({ length: T - 2 }, () => {
      const fresh = Math.floor((V - 5) * random.nextFloat() ** 3);
      id = 5 + (random.nextFloat() < 0.7 ? ((id - 5) * 7 + random.nextInt(4)) % (V - 5) : fresh);
      return id;
    });
    return [CLS, ...body, SEP];
  });
}

const train = packedRows(text(1500, 1));
const counts = countNgrams(train, vocabulary);
const batchesOf = (rows: number[][]): Batch[] => {
  const plan = { batchSize: 8, sequenceLength: T, predictionsPerBatch: 8 * 6 };
  return [...evaluationBatches(packedRows(rows), { plan, seed: 0, vocabulary, policy: bertPolicy(0.4) })];
};
const heldOut = batchesOf(text(16, 2));

const evidence = new CountedEvidence(counts, [PAD, MASK]);
evidence.calibrate(batchesOf(text(160, 1)), question);
const sizes = { ...tinySizes, vocabSize: V, padTokenId: PAD };
const plain = modernBertCounts.create(sizes);
const model = modernBertCounts.of({
  ...(plain.config as Parameters<typeof modernBertCounts.of>[0]),
  evidence: evidence.sizes,
});

/** Logits f64[rows * T, V] of a model by the float64 reference, with corrections where labels are told. */
function logitsOf(
  parameters: ParameterValues,
  of: typeof model,
  ids: Int32Array,
  mask?: Int32Array,
): Float64Array {
  const graph = new Graph();
  const shape = [ids.length / T, T];
  const inputs = {
    inputIds: constant(graph, ids, shape),
    ...(mask && { attentionMask: constant(graph, mask, shape) }),
  };
  const weights = declareParameters(graph, of.parameters);
  const logits = of.predictionLogits(weights, lastOf(of.encode(weights, inputs)), { inputs });
  const feeds = new Map<string, NdArray>(
    [...parameters].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  return (evaluate([logits], feeds)[0] as NdArray).data;
}

const values = initialParameters(model, { seed: 1, tables: evidence.tables });
const without = initialParameters(plain, { seed: 1 });

describe('CountedEvidence', () => {
  it('is what the tables add to the logits of a model, at every place and whatever is masked', () => {
    const [batch] = heldOut as [Batch];
    const [with_, bare] = [logitsOf(values, model, batch.inputIds), logitsOf(without, plain, batch.inputIds)];
    const ordinary = Array.from({ length: V - 5 }, (_, index) => index + 5);
    for (let place = 0; place < batch.inputIds.length; place++) {
      const p = evidence.distribution(contextOf(batch.inputIds, place, question));
      const nothing = evidence.distribution({
        left: undefined,
        left2: undefined,
        right: undefined,
        right2: undefined,
      });
      const constants = ordinary.map((id) => {
        const added = (with_[place * V + id] as number) - (bare[place * V + id] as number);
        return added - Math.log((p[id] as number) / (nothing[id] as number));
      });
      const spread = Math.max(...constants) - Math.min(...constants);
      expect(spread, `place ${place}`).toBeLessThan(1e-4);
    }
  });

  it('takes no notice of padding', () => {
    const row = Int32Array.from({ length: T }, (_, place) => (place < 9 ? 20 + place : PAD));
    const mask = Int32Array.from(row, (id) => Number(id !== PAD));
    const odd = row.map((id, place) => (mask[place] ? id : 50 + place));
    const [padded, other] = [logitsOf(values, model, row, mask), logitsOf(values, model, odd, mask)];
    for (let flat = 0; flat < 9 * V; flat++) expect(other[flat]).toBeCloseTo(padded[flat] as number, 9);
  });

  it('predicts held-out words better than an uncalibrated start, and labels are worse off without themselves', () => {
    const nats = (of: CountedEvidence, leavesOut: boolean, batches: readonly Batch[]) => {
      let [sum, count] = [0, 0];
      for (const { inputIds, positions, labels, maskedCount } of batches) {
        for (let index = 0; index < maskedCount; index++) {
          const gap = contextOf(inputIds, positions[index] as number, question);
          const label = labels[index] as number;
          sum -= Math.log(of.distribution(gap, leavesOut ? label : undefined)[label] as number);
          count++;
        }
      }
      return sum / count;
    };
    const fresh = new CountedEvidence(counts, [PAD, MASK]);
    expect(nats(evidence, false, heldOut)).toBeLessThan(nats(fresh, false, heldOut));
    // On the text that was counted, evidence that knows the answers is far too good; left out, it is as on other text.
    const seen = batchesOf(text(16, 1));
    expect(nats(evidence, false, seen)).toBeLessThan(nats(evidence, true, seen) - 0.3);
    expect(Math.abs(nats(evidence, true, seen) - nats(evidence, false, heldOut))).toBeLessThan(0.3);
  });

  it('corrects labels and nothing else, by what leaves them out', () => {
    const [batch] = batchesOf(text(8, 1)) as [Batch];
    const corrections = evidence.corrections(batch, question);
    expect(corrections.length).toBe(batch.labels.length);
    expect(corrections.slice(batch.maskedCount).every((value) => value === 0)).toBe(true);
    expect(corrections.slice(0, batch.maskedCount).every((value) => value <= 1e-6)).toBe(true);
    expect(Math.min(...corrections)).toBeLessThan(-0.5);
  });
});

describe('a model with tables', () => {
  let engine: Engine;
  beforeAll(() => {
    engine = new Engine({ threads: 1 });
  });
  afterAll(() => engine.close());

  const [batch] = heldOut as [Batch];
  const rows = batch.inputIds.slice(0, 3 * T);
  const mask = Int32Array.from(rows, (_, place) => Number(place < 3 * T - 4));
  const wide = (data: Int32Array) => BigInt64Array.from(data, BigInt);

  it.each([
    ['fp32', 1e-3],
    // Tables stay exact: were ids or places rounded, logits would be off by whole nats.
    ['int8', 0.25],
    ['fp16', 0.02],
  ] as const)(
    'computes as ONNX in %s, with any length and padding, what it computes here',
    async (kind, tolerance) => {
      const draft = draftInference(model, values);
      const quantizations = kind === 'fp32' ? [] : [kind];
      const kept = { precise: preciseWeights(model), exact: exactTables(model) };
      const { contents } = onnxFiles(draft, { quantizations, ...kept });
      const onnx = [...contents.values()].at(-1) as Uint8Array;
      const inputs = draft.inputs.map(({ name, shape }) => ({ name, shape, dtype: 'int64' as const }));
      const exported = await engine.load({ onnx, inputs, outputs: [] });
      const expected = logitsOf(values, model, rows, mask);
      const { logits } = await exported.run({
        input_ids: { dtype: 'int64', shape: [3, T], data: wide(rows) },
        attention_mask: { dtype: 'int64', shape: [3, T], data: wide(mask) },
      });
      await exported.release();
      const difference = expected.map((value, flat) => Math.abs(value - Number(logits?.data[flat])));
      expect(Math.max(...difference)).toBeLessThan(tolerance);
    },
  );
});
