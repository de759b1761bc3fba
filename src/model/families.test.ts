import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../core/index.js';
import { constant, Graph } from '../graph/index.js';
import { families, readModel } from './families.js';
import { declareParameters } from './parameters.js';
import { tinySizes } from './testing/index.js';

/** What a hostile file may hold where another value was expected. */
const strange = fc.oneof(
  fc.constantFrom(null, true, '', 'gelu', '__proto__', 0, -1, 0.5, 1e9, 2 ** 53, 1e308, [], {}),
  fc.nat(64),
  fc.jsonValue(),
);

describe.each(families.map((family) => [family.modelType, family] as const))(
  'config.json of %s',
  (_, family) => {
    const config = family.create(tinySizes).toHuggingFace();
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

    it('makes a model that refuses more tokens than it has places for', () => {
      const model = family.create(tinySizes);
      const encode = (T: number) => {
        const graph = new Graph();
        const inputIds = constant(graph, new Int32Array(T).fill(2), [1, T]);
        return model.encode(declareParameters(graph, model.parameters), { inputIds });
      };
      const most = model.maxTokens;
      expect(encode(most)).toHaveLength(1 + tinySizes.numHiddenLayers);
      expect(() => encode(most + 1)).toThrow(
        `a sequence of ${most + 1} tokens: the model has ${most} positions`,
      );
    });

    it('with more layers than any model has is refused before they are listed', () => {
      const layers = keys.find((key) => /^(num_hidden_layers|n_layers)$/.test(key)) as string;
      expect(() => readModel({ ...config, [layers]: 1e9 }, 'm/config.json')).toThrow(
        'm/config.json: num_hidden_layers: expected at most 1024, got 1000000000',
      );
    });
  },
);
