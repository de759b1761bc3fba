import { z } from 'zod';
import { JOINT_METHODS, LENGTH_CORRECTIONS, SCORE_METHODS } from '../infer/index.js';
import { experimentSchemas } from './experiment-schemas.js';

/** The shapes of every answer, for docs/schemas and for programs that read them. */

const place = z.number().int().nonnegative();
const window = z
  .strictObject({ start: place, end: place, of: place })
  .describe('tokens [start, end) of the text were read, of so many');
const windows = z
  .strictObject({ count: place, size: place, stride: place })
  .describe('a text longer than the model reads was read in so many windows');
const probability = z.number().min(0).max(1.001);

const fillCandidate = z.strictObject({
  score: probability.describe('probability among the valid ids'),
  token: place,
  token_str: z.string(),
  sequence: z.string(),
  window: window.optional(),
});

const targetCandidate = z.strictObject({
  score: probability.describe('by the chain rule over the tokens of the target'),
  log_probability: z.number().describe('natural logarithm'),
  token_str: z.string(),
  tokens: z.array(place),
  sequence: z.string(),
  window: window.optional(),
});

const jointAnswer = z.strictObject({
  method: z.enum(JOINT_METHODS),
  meaning: z.string().describe('what logProbability is'),
  isWhole: z.boolean().describe('false for a beam or for samples'),
  lengthCorrection: z.enum(LENGTH_CORRECTIONS),
  lengths: z.array(
    z.strictObject({ masks: place, candidates: z.array(place), coverage: z.array(probability) }),
  ),
  fillings: z.array(
    z.strictObject({
      sequence: z.string(),
      logProbability: z.number().describe('nats, among the fillings by the candidates'),
      probability,
      score: z.number().describe('logProbability after the length correction; fillings are ranked by it'),
      tokens: z.array(place),
      tokenStrings: z.array(z.string()),
    }),
  ),
  window: window.optional(),
});

const textScore = z.strictObject({
  text: z.string(),
  method: z.enum(SCORE_METHODS),
  over: z.enum(['valid', 'all']),
  pseudoLogLikelihoodNats: z.number(),
  pseudoLogLikelihoodBits: z.number(),
  scoredTokens: place,
  unknownTokens: place,
  tokens: z.array(
    z.strictObject({ token: z.string(), start: place, end: place, surprisalNats: z.number().nullable() }),
  ),
  words: z.array(
    z.strictObject({
      word: z.string(),
      start: place,
      end: place,
      surprisalNats: z.number(),
      surprisalBits: z.number(),
    }),
  ),
  windows: windows.optional(),
});

const pairScore = z.strictObject({
  good: textScore,
  bad: textScore,
  differenceNats: z.number(),
  isTie: z.boolean(),
  isCorrect: z.boolean().describe('false for a tie'),
});

/** Answers by the command, or the kind of question, that gives them. */
export const answerSchemas = {
  fill: z.union([z.array(fillCandidate), z.array(z.array(fillCandidate))]),
  'fill-targets': z.array(z.array(targetCandidate)),
  'fill-joint': jointAnswer,
  score: z.array(textScore),
  'score-pairs': z.strictObject({
    pairs: z.array(pairScore),
    summary: z.strictObject({ pairs: place, correct: place, ties: place, accuracy: probability }),
  }),
  embed: z.array(
    z.strictObject({
      index: place,
      unit: z.string(),
      start: place,
      end: place,
      vector: z.array(z.number()),
      windows: windows.optional(),
    }),
  ),
  similar: z.array(
    z.strictObject({
      similarity: z.number().describe('cosine'),
      index: place,
      text: z.string(),
      unit: z.string(),
      start: place,
      end: place,
    }),
  ),
  explain: z.strictObject({
    text: z.string(),
    mask: place,
    place,
    target: z.strictObject({ token: z.string(), id: place, probability }),
    tokens: z.array(z.string()),
    gradientInput: z.array(z.number()),
    integratedGradients: z.strictObject({
      values: z.array(z.number()),
      baseline: z.literal('mask'),
      steps: place,
      difference: z.number(),
      completenessError: z.number(),
    }),
    occlusion: z.array(z.number()),
    attention: z.array(z.array(z.array(probability))).describe('layer, head, token'),
    window: window.optional(),
  }),
  ...experimentSchemas,
} as const;

/** The JSON schemas of all answers by file name, as docs/schemas holds them. */
export function schemaFiles(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answerSchemas).map(([name, schema]) => [`${name}.schema.json`, z.toJSONSchema(schema)]),
  );
}
