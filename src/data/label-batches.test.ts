import { describe, expect, it } from 'vitest';
import { type LabelBatchOptions, labelBatches, NO_LABEL } from './label-batches.js';

const options: LabelBatchOptions = { labelsEach: 'token', padId: 9, batchTokens: 64, maxTokens: 48 };

const sequence = (length: number, label: number) => ({
  inputIds: Int32Array.from({ length }, (_, index) => index + 1),
  labels: Int32Array.from({ length }, (_, index) => (index === 0 ? NO_LABEL : label)),
});

const sequences = [5, 16, 17, 48, 3, 40].map(sequence);

describe('labelBatches', () => {
  it('gathers like lengths in few shapes, none longer than the model reads', () => {
    const shapes = labelBatches(sequences, options).map(({ shape, sequences: members }) => [
      shape.batchSize,
      shape.sequenceLength,
      members,
    ]);
    expect(shapes).toEqual([
      [4, 16, [0, 1, 4]],
      [2, 24, [2]],
      [1, 48, [3]],
      [1, 48, [5]],
    ]);
  });

  it('pads: mask 0, weight 0, and the weights of what counts sum to 1', () => {
    const [batch] = labelBatches(sequences, options);
    expect([...(batch?.inputIds.slice(0, 8) ?? [])]).toEqual([1, 2, 3, 4, 5, 9, 9, 9]);
    expect([...(batch?.attentionMask.slice(0, 8) ?? [])]).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
    const weights = batch?.weights ?? new Float32Array();
    expect(weights[0]).toBe(0);
    expect(weights[1]).toBeCloseTo(1 / 21);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1);
    expect(batch?.labels[1]).toBe(0);
    expect(batch?.labels[16 + 1]).toBe(1);
  });

  it('gives an empty row one place to attend to', () => {
    const [batch] = labelBatches(sequences, options);
    expect([...(batch?.attentionMask.slice(48, 51) ?? [])]).toEqual([1, 0, 0]);
  });

  it('shuffles by seed and epoch, and loses nothing', () => {
    const many = Array.from({ length: 50 }, (_, index) => sequence(3 + (index % 40), 1));
    const seen = (seed: number, epoch: number) =>
      labelBatches(many, options, { seed, epoch }).flatMap(({ sequences: members }) => members);
    expect(seen(1, 1)).toEqual(seen(1, 1));
    expect(seen(1, 1)).not.toEqual(seen(1, 2));
    expect(seen(1, 1)).not.toEqual(seen(2, 1));
    expect([...seen(1, 1)].sort((a, b) => a - b)).toEqual(many.map((_, index) => index));
  });

  it('hides tokens in training only, at a rate, anew in every epoch, and never the edges or padding', () => {
    const texts = Array.from({ length: 200 }, () => sequence(40, 1));
    const dropout = { ...options, batchTokens: 480, tokenDropout: { rate: 0.3, maskId: 77 } };
    const hidden = (order?: { seed: number; epoch: number }) =>
      labelBatches(texts, dropout, order).flatMap(({ shape, inputIds, sequences: members }) =>
        members.map((_, row) => {
          const start = row * shape.sequenceLength;
          return [...inputIds.subarray(start, start + shape.sequenceLength)].flatMap((id, place) =>
            id === 77 ? [place] : [],
          );
        }),
      );
    const places = hidden({ seed: 1, epoch: 1 }).flat();
    expect(places.length / (200 * 38)).toBeCloseTo(0.3, 1);
    expect(Math.min(...places)).toBe(1);
    expect(Math.max(...places)).toBe(38);
    expect(hidden({ seed: 1, epoch: 1 })).toEqual(hidden({ seed: 1, epoch: 1 }));
    expect(hidden({ seed: 1, epoch: 2 })).not.toEqual(hidden({ seed: 1, epoch: 1 }));
    expect(hidden().flat()).toEqual([]);
  });

  it('has one label for a text when asked', () => {
    const texts = [{ inputIds: Int32Array.of(1, 2, 3), labels: Int32Array.of(7) }];
    const [batch] = labelBatches(texts, { ...options, labelsEach: 'text' });
    expect([...(batch?.labels ?? [])]).toEqual([7, 0, 0, 0]);
    expect([...(batch?.weights ?? [])]).toEqual([1, 0, 0, 0]);
  });
});
