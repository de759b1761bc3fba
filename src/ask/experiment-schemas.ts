import { z } from 'zod';
import { JOINT_METHODS } from '../infer/index.js';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const interval = z
  .strictObject({ mean: z.number(), halfWidth: z.number().nonnegative().optional() })
  .describe('mean over seeds; halfWidth of its 95 % interval, where there is more than one seed');

/** The shapes of what the experiments on masking and joint fills print with --json. */
export const experimentSchemas = {
  'audit-masking': z.array(
    z.strictObject({
      subject: z.string().describe('the strategy, planted bug or file'),
      passed: z.boolean(),
      sequences: count,
      decisions: count,
      predicted: count,
      checks: z.array(
        z.strictObject({
          name: z.string(),
          passed: z.boolean(),
          expected: z.string(),
          observed: z.string(),
          pValue: share.optional(),
          klNats: z
            .union([z.number(), z.literal('Infinity')])
            .describe('infinite when something impossible happened'),
        }),
      ),
      incidents: z
        .array(
          z.strictObject({
            what: z.string(),
            id: z.number().int().optional(),
            count,
            sequence: count,
            position: count.optional(),
          }),
        )
        .describe('impossible things, most frequent first, each with its first place'),
      incidentTokens: z.array(z.string().nullable()),
    }),
  ),
  'compare-masking': z.strictObject({
    fingerprint: z.string().describe('of the texts'),
    steps: count,
    seeds: z.array(count),
    evaluationMaskRate: share,
    strategies: z.array(
      z.strictObject({
        strategy: z.string(),
        runs: z.array(
          z.strictObject({
            seed: count,
            steps: count,
            lossNats: z.number(),
            accuracy: share,
            squaredGradientNorm: z.number(),
            trainingSurprisalNats: z.number(),
            trainMs: z.number(),
          }),
        ),
        lossNats: interval,
        accuracy: interval,
        lossDifference: interval.describe('to the first strategy, seed by seed'),
        squaredGradientNorm: interval.describe('before clipping'),
        trainingSurprisalNats: interval,
      }),
    ),
  }),
  'compare-joint': z.strictObject({
    distances: z.array(
      z.strictObject({
        masks: count,
        text: z.string(),
        method: z.enum(JOINT_METHODS),
        samples: count.optional(),
        totalVariation: z.number().min(0).max(1.000001).describe('to exact enumeration'),
      }),
    ),
    information: z.array(
      z.strictObject({
        distance: count.describe('tokens from one mask to the other'),
        text: z.string(),
        nats: z.number(),
      }),
    ),
  }),
} as const;
