import { constant, type Graph, type Tensor } from '../../graph/index.js';

/** theta^(-2 i / D) for i = 0 .. D/2 - 1 (Su et al. 2021, eq. 15), in float32 as PyTorch computes them. */
export function rotaryFrequencies(headSize: number, theta: number): number[] {
  return Array.from({ length: headSize / 2 }, (_, index) => Math.fround(theta ** ((-2 * index) / headSize)));
}

/** cos and sin of position times frequency, f32[T, D/2] each. */
export function rotaryAngles(
  graph: Graph,
  length: number,
  headSize: number,
  theta: number,
): readonly [Tensor, Tensor] {
  const frequencies = rotaryFrequencies(headSize, theta);
  const angles = Array.from({ length }, (_, position) =>
    frequencies.map((frequency) => position * frequency),
  ).flat();
  const shape = [length, frequencies.length];
  return [
    constant(graph, Float32Array.from(angles, Math.cos), shape),
    constant(graph, Float32Array.from(angles, Math.sin), shape),
  ];
}
