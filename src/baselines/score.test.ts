import { describe, expect, it } from 'vitest';
import { type Batch, type BatchPlan, evaluationBatches, packDocuments } from '../data/index.js';
import { bertPolicy, maskedCountBound } from '../masking/index.js';
import { ClozeBaseline, countNgrams, type GapContext, scoreBaselines, updateOnInput } from './index.js';
import { packedRows, vocabularyOf } from './testing/packed-rows.js';

const [CLS, SEP, MASK, A, B, C, D] = [0, 1, 2, 3, 4, 5, 6];
const vocabulary = vocabularyOf(8, [CLS, SEP, MASK]);
const policy = bertPolicy(0.15);
const counts = countNgrams(
  packedRows([
    [CLS, A, B, C, A, SEP],
    [CLS, A, B, D, A, SEP],
    [CLS, C, B, C, D, SEP],
    // A mask that stands in the text is known as a neighbour all the same.
    [SEP, C, MASK, C, MASK, SEP],
  ]),
  vocabulary,
);
const plan: BatchPlan = { batchSize: 2, sequenceLength: 6, predictionsPerBatch: 4 };
const score = (batches: readonly Batch[]) => scoreBaselines(counts, batches, { plan, policy, maskId: MASK });

/** A batch of two rows; predictions are [place, label], padded to M as batches are. */
function batchOf(rows: readonly number[][], predictions: readonly (readonly [number, number])[]): Batch {
  const padded = Array.from({ length: 4 }, (_, index) => predictions[index] ?? [0, A]);
  return {
    inputIds: Int32Array.from(rows.flat()),
    positions: Int32Array.from(padded, ([place = 0]) => place),
    labels: Int32Array.from(padded, ([, label = A]) => label),
    weights: Float32Array.from(padded, (_, index) => Number(index < predictions.length)),
    maskedCount: predictions.length,
  };
}

/** Probability of `label` in a context that the test spells out, and whether it is the largest. */
function expected(context: GapContext, inputId: number, label: number): { nats: number; hit: boolean } {
  const answer = updateOnInput(new ClozeBaseline(counts).distribution(context), inputId, MASK, policy, 5);
  const own = answer[label] as number;
  return { nats: -Math.log(own), hit: own === Math.max(...answer) };
}

describe('scoreBaselines', () => {
  it('scores the unigram by its counts alone', () => {
    const batch = batchOf(
      [
        [CLS, A, MASK, MASK, A, SEP],
        [CLS, C, MASK, C, D, SEP],
      ],
      [
        [2, B],
        [3, C],
        [8, 7],
      ],
    );
    // Occurrences plus 1: A 5, B 4, C 6, D 3, the unseen id 7 1; their sum is 19. C is the commonest.
    const nats = -Math.log(4 / 19) - Math.log(6 / 19) - Math.log(1 / 19);
    const { unigram } = score([batch]);
    expect(unigram.lossNats).toBeCloseTo(nats / 3, 12);
    expect(unigram.accuracy).toBeCloseTo(1 / 3, 12);
  });

  it('shows the count-based rival what the model sees: no masked neighbour, no other row, the token in place', () => {
    const batch = batchOf(
      [
        [CLS, A, MASK, MASK, A, SEP],
        [CLS, C, D, C, D, SEP],
      ],
      [
        [2, B],
        [3, C],
        [8, B],
        [10, D],
      ],
    );
    const answers = [
      expected({ left: A, left2: CLS, right: undefined, right2: A }, MASK, B),
      expected({ left: undefined, left2: A, right: A, right2: SEP }, MASK, C),
      expected({ left: C, left2: CLS, right: C, right2: D }, D, B),
      expected({ left: C, left2: D, right: SEP, right2: undefined }, D, D),
    ];
    const { cloze } = score([batch]);
    expect(cloze.lossNats).toBeCloseTo(answers.reduce((sum, { nats }) => sum + nats, 0) / 4, 12);
    expect(cloze.accuracy).toBeCloseTo(answers.filter(({ hit }) => hit).length / 4, 12);
  });

  it('does not look into the row before or after', () => {
    const row = [MASK, A, B, C, A, MASK];
    // Without [CLS] and [SEP] at the ends, so that a look across them would tell something.
    const others = [
      [B, C, B, C, A, B],
      [A, B, B, D, B, C],
    ] as const;
    const [first, second] = others.map((other) =>
      score([batchOf([row, [...other]], [[5, C]]), batchOf([[...other], row], [[6, C]])]),
    );
    expect(first).toEqual(second);
  });

  it('weighs every prediction of every batch alike, and padding not at all', () => {
    const rows = [
      [CLS, A, MASK, C, A, SEP],
      [CLS, C, MASK, C, D, SEP],
    ];
    const both = score([
      batchOf(rows, [
        [2, B],
        [8, B],
      ]),
    ]);
    const apart = score([batchOf(rows, [[2, B]]), batchOf(rows, [[8, B]])]);
    expect(apart).toEqual(both);
  });

  it('beats the unigram where neighbours tell the word', () => {
    const text = Array.from({ length: 400 }, (_, index) => 'abcd'[index % 4]).join(' ');
    const data = packDocuments([{ id: 'a', text }], {
      sequenceLength: 20,
      encodeIds: (piece) =>
        Int32Array.from(piece.match(/[a-d]/g) ?? [], (letter) => letter.charCodeAt(0) - 97 + A),
      clsId: CLS,
      sepId: SEP,
    });
    const wide = { batchSize: 4, sequenceLength: 20, predictionsPerBatch: 4 * maskedCountBound(20, 0.15) };
    const batches = [...evaluationBatches(data, { plan: wide, seed: 3, vocabulary, policy })];
    const scores = scoreBaselines(countNgrams(data, vocabulary), batches, {
      plan: wide,
      policy,
      maskId: MASK,
    });
    expect(scores.unigram.lossNats).toBeGreaterThan(1.3);
    expect(scores.cloze.lossNats).toBeLessThan(0.4);
    expect(scores.cloze.accuracy).toBeGreaterThan(0.9);
  });
});
