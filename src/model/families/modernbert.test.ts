import { describe, expect, it } from 'vitest';
import { evaluate, Graph, type NdArray } from '../../graph/index.js';
import { readModel } from '../families.js';
import { validityMask } from '../parameters.js';
import { goldenProgram, readGoldens, relativeError } from '../testing/index.js';

const goldens = readGoldens();

describe("a two-layer ModernBERT equals transformers'", () => {
  for (const golden of goldens) {
    it(`logits, loss and every gradient with ${golden.config.hidden_activation}, in float64`, () => {
      const { logits, loss, gradients } = goldenProgram(golden);
      const feeds = new Map(
        Object.entries(golden.weights).map(([name, { shape, data }]) => [
          name,
          { shape, data: Float64Array.from(data, Math.fround) },
        ]),
      );
      const [logitValues, lossValue, ...slopes] = evaluate([logits, loss, ...gradients.values()], feeds);
      expect(relativeError((logitValues as NdArray).data, golden.logits)).toBeLessThan(1e-6);
      expect(relativeError((lossValue as NdArray).data, [golden.lossNats])).toBeLessThan(1e-6);
      expect([...gradients.keys()].sort()).toEqual(Object.keys(golden.gradients).sort());
      for (const [index, name] of [...gradients.keys()].entries()) {
        const error = relativeError((slopes[index] as NdArray).data, golden.gradients[name] as number[]);
        expect(error, name).toBeLessThan(1e-5);
      }
    });
  }
});

describe('the configuration', () => {
  it('survives the way to Hugging Face and back', () => {
    const model = readModel(goldens[0]?.config, 'golden');
    expect(readModel(model.toHuggingFace(), 'config.json').config).toEqual(model.config);
  });

  it('is refused by file and key when it is not what Lacuna can compute', () => {
    const bad = { ...goldens[0]?.config, hidden_activation: 'swish' };
    expect(() => readModel(bad, 'm/config.json')).toThrow(/^m\/config\.json: hidden_activation: /);
  });
});

describe('validityMask', () => {
  it('is minus infinity at special ids and nothing elsewhere', () => {
    const [mask] = evaluate([validityMask(new Graph(), 4, [0, 2])], new Map());
    expect([...(mask as NdArray).data]).toEqual([-Infinity, 0, -Infinity, 0]);
  });
});
