import {
  familyNamed,
  type LanguageModel,
  modernBert,
  modernBertMixing,
  modernBertNgrams,
} from '../model/index.js';
import type { Recipe } from '../train/index.js';
import type { PreparedCorpus } from './prepare.js';

const KINDS = [modernBert, modernBertMixing, modernBertNgrams];

/** Whether a recipe is for ModernBERT, with or without what Lacuna adds to it: its initialisation and activations are made for those. */
export function isModernBert({ family }: Recipe): boolean {
  return family === undefined || KINDS.some(({ modelType }) => modelType === family);
}

/** The untrained model of a recipe, with the tokenizer's vocabulary. */
export function newModel(recipe: Recipe, { tokenizer }: PreparedCorpus): LanguageModel {
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
  const kind = KINDS.find(({ modelType }) => modelType === family) ?? modernBert;
  return kind.of({
    ...sizes,
    hiddenActivation: recipe.activation,
    classifierActivation: recipe.headActivation,
    maxPositionEmbeddings: maxTokens,
    normEps: 1e-5,
    ropeTheta: recipe.ropeTheta,
    attentionBias: true,
    classifierBias: true,
  });
}
