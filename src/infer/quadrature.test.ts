import { describe, expect, it } from 'vitest';
import { gaussLegendre } from './quadrature.js';

describe('gaussLegendre', () => {
  it('has the published nodes and weights of three points', () => {
    const { nodes, weights } = gaussLegendre(3);
    const published = [0.5 - Math.sqrt(0.15), 0.5, 0.5 + Math.sqrt(0.15)];
    for (const [index, node] of published.entries()) expect(nodes[index]).toBeCloseTo(node, 12);
    for (const [index, weight] of [5 / 18, 8 / 18, 5 / 18].entries())
      expect(weights[index]).toBeCloseTo(weight, 12);
  });

  it('is exact for polynomials up to degree 2 n - 1, and not beyond', () => {
    const integral = (count: number, degree: number) => {
      const { nodes, weights } = gaussLegendre(count);
      return nodes.reduce((sum, node, index) => sum + (weights[index] ?? 0) * node ** degree, 0);
    };
    for (let degree = 0; degree < 16; degree++) expect(integral(8, degree)).toBeCloseTo(1 / (degree + 1), 12);
    expect(Math.abs(integral(2, 4) - 1 / 5)).toBeGreaterThan(1e-3);
  });
});
