import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileProgram } from '../graph/index.js';
import { goldenProgram, readGoldens, relativeError } from '../model/testing/index.js';
import { Engine, type TensorValue } from '../runtime/index.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 2 });
});
afterAll(() => engine.close());

describe('on ONNX Runtime in float32, a whole two-layer model', () => {
  for (const golden of readGoldens()) {
    it(`has the logits, loss and gradients of PyTorch with ${golden.config.hidden_activation}`, async () => {
      const { logits, loss, gradients } = goldenProgram(golden);
      const names = [...gradients.keys()];
      const slopes = Object.fromEntries([...gradients].map(([name, slope]) => [`slope/${name}`, slope]));
      const loaded = await engine.load(compileProgram({ logits, loss, ...slopes }));
      const weights = Object.entries(golden.weights).map(([name, { shape, data }]): [string, TensorValue] => [
        name,
        { dtype: 'float32', shape, data: Float32Array.from(data) },
      ]);
      const results = await loaded.run(Object.fromEntries(weights));
      const numbers = (name: string) => Array.from(results[name]?.data ?? [], Number);
      expect(relativeError(numbers('logits'), golden.logits)).toBeLessThan(1e-5);
      expect(relativeError(numbers('loss'), [golden.lossNats])).toBeLessThan(1e-5);
      for (const name of names) {
        const error = relativeError(numbers(`slope/${name}`), golden.gradients[name] as number[]);
        expect(error, name).toBeLessThan(1e-4);
      }
    });
  }
});
