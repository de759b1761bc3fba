import { sizeOf } from '../../core/index.js';
import type { ParameterSpec, ParameterValue, ParameterValues } from '../parameters.js';

/** Weights that the goldens' script computes from a parameter's name, too: mean + scale sin(phase + 0.37 i + 0.0113 i^2). */
export function formulaWeights(specs: readonly ParameterSpec[]): ParameterValues {
  return new Map(specs.map((spec) => [spec.name, formulaWeight(spec)]));
}

function formulaWeight({ name, shape }: ParameterSpec): ParameterValue {
  const letters = [...name].map((letter, index) => (index + 1) * (letter.codePointAt(0) as number));
  const phase = letters.reduce((sum, value) => sum + value, 0) % 1000;
  const isGain = shape.length === 1 && name.endsWith('weight');
  const vectorScale = isGain ? 0.2 : 0.1;
  const scale = shape.length === 1 ? vectorScale : 1.2 / Math.sqrt(shape[1] as number);
  const mean = isGain ? 1 : 0;
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => mean + scale * Math.sin(phase + 0.37 * i + 0.0113 * i * i),
  );
  return { shape, data };
}
