import { describe, expect, it } from 'vitest';
import { axisOf } from './axis.js';
import { type Chart, renderCharts } from './index.js';

const chart: Chart = {
  title: 'a < b & c',
  xLabel: 'x',
  yLabel: 'y',
  xScale: 'log',
  series: [
    {
      label: 'measured',
      points: [
        [32, 1],
        [64, 2],
        [128, 4],
      ],
    },
    {
      label: 'limit',
      points: [
        [32, 0.5],
        [128, 2],
      ],
      dashed: true,
    },
  ],
};

describe('an axis', () => {
  it('places values between its ends', () => {
    const linear = axisOf([3, 47], 'linear');
    expect(linear.ticks).toEqual([0, 10, 20, 30, 40, 50]);
    expect([0, 25, 50].map(linear.place)).toEqual([0, 0.5, 1]);
    const log = axisOf([32, 2048], 'log', 2);
    expect(log.ticks).toEqual([32, 64, 128, 256, 512, 1024, 2048]);
    expect([32, 256, 2048].map(log.place)).toEqual([0, 0.5, 1]);
    expect(axisOf([3, 1000], 'log', 10).ticks).toEqual([1, 10, 100, 1000]);
  });

  it('has room for values that are all alike, and for negative ones', () => {
    expect(axisOf([0, 0], 'linear').ticks.length).toBeGreaterThan(1);
    expect(axisOf([8], 'log', 2).ticks).toEqual([8, 16]);
    expect(axisOf([-3, 1], 'linear').ticks[0]).toBeLessThanOrEqual(-3);
  });

  it.each([
    [[0, 1], 'log'],
    [[Number.NaN], 'linear'],
    [[], 'linear'],
  ] as const)('refuses %j on a %s axis', (values, scale) => {
    expect(() => axisOf(values, scale)).toThrow(/axis needs finite values/);
  });
});

describe('a chart', () => {
  const svg = renderCharts([chart, { ...chart, title: 'second' }, { ...chart, title: 'third' }]);

  it('draws every panel with its lines, markers and words', () => {
    expect(svg.match(/<polyline/g)).toHaveLength(6);
    expect(svg.match(/<circle/g)).toHaveLength(9);
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg).toContain('viewBox="0 0 720 520"');
    expect(svg.match(/>limit</g)).toHaveLength(3);
  });

  it('puts points where the axes say', () => {
    const [solid, dashed] = [...svg.matchAll(/<polyline[^>]*points="([^"]*)"/g)].map(([, points]) =>
      points?.split(' ').map((point) => point.split(',').map(Number)),
    );
    expect(solid?.map(([x]) => x)).toEqual([56, 201, 346]);
    expect(solid?.map(([, y]) => y)).toEqual([154.5, 113, 30]);
    expect(dashed?.map(([x]) => x)).toEqual([56, 346]);
  });
});
