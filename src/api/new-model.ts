import {
  familyNamed,
  type LanguageModel,
  modernBert,
  modernBertCounts,
  modernBertMixing,
  modernBertNgrams,
} from '../model/index.js';
import type { Recipe } from '../train/index.js';
import { evidenceOf } from './counted-evidence.js';
import type { PreparedCorpus } from './prepare.js';

const PLAIN_KINDS = [modernBert, modernBertMixing, modernBertNgrams];
const KINDS = [...PLAIN_KINDS, modernBertCounts];

/** Whether a recipe is for ModernBERT, with or without what Lacuna adds to it: its initialisation and activations are made for those. */
export function isModernBert({ family }: Recipe): boolean {
  return family === undefined || KINDS.some(({ modelType }) => modelType === family);
}

/** The untrained model of a recipe, with the tokenizer's vocabulary. */
export function newModel(recipe: Recipe, corpus: PreparedCorpus): LanguageModel {
  const { tokenizer } = corpus;
  const { pad, cls, sep, mask } = tokenizer.special;
  const sizes = {
    vocabSize: tokenizer.vocabSize,
    hiddenSize: recipe.hidden,
    numHiddenLayers: recipe.layers,
    numAttentionHeads: recipe.heads,
    intermediateSize: recipe.feedForward,
    initializerRange: recipe.initializerRange,
    padTokenId: pad,
    clsTokenId: cls,
    sepTokenId: sep,
    maskTokenId: mask,
  };
  const { sequenceLength: maxTokens, family } = recipe;
  if (!isModernBert(recipe) && family) return familyNamed(family, 'family').create({ ...sizes, maxTokens });
  const config = {
    ...sizes,
    hiddenActivation: recipe.activation,
    classifierActivation: recipe.headActivation,
    maxPositionEmbeddings: maxTokens,
    normEps: 1e-5,
    ropeTheta: recipe.ropeTheta,
    attentionBias: true,
    classifierBias: true,
  };
  if (family === modernBertCounts.modelType) {
    return modernBertCounts.of({ ...config, evidence: evidenceOf(corpus).sizes });
  }
  const kind = PLAIN_KINDS.find(({ modelType }) => modelType === family) ?? modernBert;
  return kind.of(config);
}
