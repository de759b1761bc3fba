import { z } from 'zod';
import { ConfigError } from '../core/index.js';
import type { ModelFamily } from './define-family.js';
import { bert } from './families/bert.js';
import { distilBert } from './families/distilbert.js';
import { electra } from './families/electra.js';
import { esm } from './families/esm.js';
import { modernBert } from './families/modernbert.js';
import { modernBertCounts } from './families/modernbert-counts.js';
import { modernBertMixing } from './families/modernbert-mixing.js';
import { modernBertNgrams } from './families/modernbert-ngrams.js';
import { roberta } from './families/roberta.js';
import { robertaPreLayerNorm } from './families/roberta-prelayernorm.js';
import type { LanguageModel } from './language-model.js';
import { readWide, WIDE_TYPE } from './wide-model.js';

/** Every family that Lacuna computes, by `model_type` in config.json. */
export const families: readonly ModelFamily[] = [
  bert,
  roberta,
  robertaPreLayerNorm,
  distilBert,
  electra,
  modernBert,
  modernBertMixing,
  modernBertNgrams,
  modernBertCounts,
  esm,
];

/** Names of the families, for help and errors. */
export const FAMILY_NAMES: readonly string[] = families.map(({ modelType }) => modelType);

/** The family of that name; throws a ConfigError that lists the known ones. `where` begins the message. */
export function familyNamed(name: string, where: string): ModelFamily {
  const family = families.find(({ modelType }) => modelType === name);
  if (family) return family;
  throw new ConfigError(
    `${where}: expected a model family of ${FAMILY_NAMES.join(', ')}, got ${JSON.stringify(name)}`,
  );
}

const typeSchema = z.looseObject({ model_type: z.string() });

/** The model that the content of a config.json describes; a ConfigError names the file, the key and what was expected. */
export function readModel(json: unknown, where: string): LanguageModel {
  const parsed = typeSchema.safeParse(json);
  if (!parsed.success) throw new ConfigError(`${where}: model_type: expected the name of a model family`);
  const { model_type: type } = parsed.data;
  if (type === WIDE_TYPE) return readWide(json, where, readPlain);
  return readPlain(json, where);
}

function readPlain(json: unknown, where: string): LanguageModel {
  const { model_type: type } = typeSchema.parse(json);
  return familyNamed(type, `${where}: model_type`).read(json, where);
}
