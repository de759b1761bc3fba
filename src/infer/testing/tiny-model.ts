import { initialParameters, modernBert } from '../../model/index.js';
import { Engine } from '../../runtime/index.js';
import { type Tokenizer, trainWordPiece } from '../../tokenize/index.js';
import { Predictor } from '../predictor.js';

const TEXTS = ['The state of the Union is strong.', 'The union of the states is stronger than the state.'];

/** An untrained model of some words, with weights large enough that its distributions are far from even. */
export interface TinyModel {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  readonly predictor: Predictor;
}

/** `maxTokens` is what the model reads, special tokens included. */
export function tinyModel(maxTokens = 32): TinyModel {
  const engine = new Engine({ threads: 1 });
  const tokenizer = trainWordPiece(TEXTS, { vocabSize: 60, minFrequency: 1 });
  const model = modernBert.of({
    vocabSize: tokenizer.vocabSize,
    hiddenSize: 16,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    intermediateSize: 16,
    hiddenActivation: 'relu2',
    classifierActivation: 'gelu',
    maxPositionEmbeddings: maxTokens,
    normEps: 1e-5,
    ropeTheta: 10_000,
    attentionBias: true,
    classifierBias: true,
    initializerRange: 0.5,
    padTokenId: 0,
    clsTokenId: 2,
    sepTokenId: 3,
    maskTokenId: 4,
  });
  const parameters = initialParameters(model, { seed: 3 });
  const predictor = new Predictor(engine, { model, parameters, specialIds: tokenizer.specialIds });
  return { engine, tokenizer, predictor };
}
