import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../core/index.js';
import { families, readModel } from './families.js';

const sizes = {
  vocabSize: 30,
  hiddenSize: 8,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 8,
  maxTokens: 16,
  initializerRange: 0.02,
  padTokenId: 0,
  clsTokenId: 2,
  sepTokenId: 3,
  maskTokenId: 4,
};

/** What a hostile file may hold where another value was expected. */
const strange = fc.oneof(
  fc.constantFrom(null, true, '', 'gelu', '__proto__', 0, -1, 0.5, 1e9, 2 ** 53, 1e308, [], {}),
  fc.nat(64),
  fc.jsonValue(),
);

describe.each(families.map((family) => [family.modelType, family] as const))(
  'config.json of %s',
  (_, family) => {
    const config = family.create(sizes).toHuggingFace();
    const keys = Object.keys(config);

    it('gives a model or a ConfigError that names the file, whatever its values', () => {
      const changes = fc.dictionary(fc.constantFrom(...keys), strange, { minKeys: 1, maxKeys: 4 });
      const outcomes = { read: 0, refused: 0 };
      fc.assert(
        fc.property(changes, (changed) => {
          try {
            readModel({ ...config, ...changed }, 'm/config.json');
            outcomes.read++;
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
            outcomes.refused++;
          }
        }),
        { numRuns: 500 },
      );
      expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(10);
    });

    it('with more layers than any model has is refused before they are listed', () => {
      const layers = keys.find((key) => /^(num_hidden_layers|n_layers)$/.test(key)) as string;
      expect(() => readModel({ ...config, [layers]: 1e9 }, 'm/config.json')).toThrow(
        'm/config.json: num_hidden_layers: expected at most 1024, got 1000000000',
      );
    });
  },
);
