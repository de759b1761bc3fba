import { z } from 'zod';
import {
  addEvidence,
  EMPTY_EVIDENCE,
  type EvidenceSizes,
  evidenceSpecs,
  PAIR_CONTEXTS,
} from '../blocks/counted-evidence.js';
import type { ModernBertConfig } from '../blocks/modernbert-config.js';
import { readConfigKeys } from '../config-codec.js';
import { defineFamily } from '../define-family.js';
import { modernBertDefinition } from './modernbert.js';

/** ModernBERT's configuration, and how large its tables of counts are. */
export interface ModernBertCountsConfig extends ModernBertConfig {
  readonly evidence: EvidenceSizes;
}

const size = z.int().positive();
const schema = z.object({
  countedEvidence: z
    .object({ entries: size, rows: size, slots: z.array(size).length(PAIR_CONTEXTS.length) })
    .optional(),
});

const specs = ({ vocabSize, evidence }: ModernBertCountsConfig) => evidenceSpecs(vocabSize, evidence);

/**
 * ModernBERT on top of counting: its logits begin as those of the training text's n-grams on both sides of the gap (a
 * product of experts as `baselines` has it), and training teaches it what they do not know. The tables go with the model;
 * while it trains on the text that was counted, every predicted token is left out of them. N-gram residuals: Li et al.
 * 2022, arXiv 2210.14431. transformers has no model of this type; it leaves Lacuna as ONNX.
 */
export const modernBertCounts = defineFamily<ModernBertCountsConfig>({
  ...modernBertDefinition,
  modelType: 'modernbert-counts',
  architectures: {
    'fill-mask': ['LacunaModernBertCountsForMaskedLM'],
    'feature-extraction': ['LacunaModernBertCountsModel'],
    'text-classification': ['LacunaModernBertCountsForSequenceClassification'],
    'token-classification': ['LacunaModernBertCountsForTokenClassification'],
  },
  knowsCounts: true,
  readConfig: (json, where) => {
    const config = modernBertDefinition.readConfig(json, where);
    const { countedEvidence } = readConfigKeys(schema, json, where);
    return { ...config, evidence: countedEvidence ?? EMPTY_EVIDENCE };
  },
  newConfig: (sizes) => ({ ...modernBertDefinition.newConfig(sizes), evidence: EMPTY_EVIDENCE }),
  writeConfig: ({ evidence, ...config }) => ({
    ...modernBertDefinition.writeConfig(config),
    model_type: 'modernbert-counts',
    counted_evidence: evidence,
  }),
  prediction: {
    parameters: (config, classes) => [
      ...modernBertDefinition.prediction.parameters(config, classes),
      ...specs(config),
    ],
    logits: (weights, config, rows, question) =>
      addEvidence(modernBertDefinition.prediction.logits(weights, config, rows, question), weights, question),
  },
  initialise: (values, config, options) => {
    modernBertDefinition.initialise?.(values, config, options);
    for (const [name, { data }] of options.tables ?? []) values.get(name)?.data.set(data);
  },
});
