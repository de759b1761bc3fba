import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { gradientProgram, opCases } from './testing/index.js';

interface Golden {
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
  readonly loss: number;
  readonly gradients: readonly (readonly number[])[];
}

const file = new URL('./goldens/op-gradients.golden.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Record<string, Golden> };

describe("losses and gradients equal PyTorch's in float64", () => {
  for (const [name, op] of Object.entries(opCases)) {
    it(name, () => {
      const golden = cases[name] as Golden;
      const feeds = new Map(
        golden.inputs.map(({ shape, data }, index) => [
          `x${index}`,
          { shape, data: Float64Array.from(data) },
        ]),
      );
      const { loss, gradients } = gradientProgram(op);
      const [value, ...computed] = evaluate([loss, ...gradients], feeds);
      expect(value?.data[0]).toBeCloseTo(golden.loss, 8);
      expect(computed.length).toBe(golden.gradients.length);
      for (const [index, expected] of golden.gradients.entries()) {
        const got = computed[index]?.data as Float64Array;
        for (const [element, reference] of expected.entries()) {
          const error = Math.abs((got[element] as number) - reference);
          // Constants inside gradient rules are float32, so agreement ends at about 6e-8.
          expect(error, `x${index}[${element}]`).toBeLessThan(1e-7 * (1 + Math.abs(reference)));
        }
      }
    });
  }
});
