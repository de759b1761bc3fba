import { type OpenedModel, openCheckpoint } from '../hub/index.js';
import { Predictor } from '../infer/index.js';
import type { LanguageModel } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import type { Tokenizer } from '../tokenize/index.js';

/** An opened model, ready to be asked. */
export interface ModelSession {
  readonly opened: OpenedModel;
  readonly model: LanguageModel;
  readonly predictor: Predictor;
  readonly engine: Engine;
}

/** Opens a model directory, hands it to `use`, and frees the back end whatever happens. */
export async function withModel<Result>(
  directory: string,
  use: (session: ModelSession) => Promise<Result>,
  threads?: number,
): Promise<Result> {
  // Before anything is read: the worker loads ONNX Runtime meanwhile.
  const engine = new Engine(threads === undefined ? {} : { threads });
  try {
    const { opened, model, parameters } = await openCheckpoint(directory);
    const specialIds = unpredictableIds(opened.tokenizer, model.config.vocabSize);
    return await use({
      opened,
      model,
      engine,
      predictor: new Predictor(engine, { model, parameters, specialIds }),
    });
  } finally {
    await engine.close();
  }
}

/** Special ids, and those beyond the tokenizer's that pad some models' vocabularies: no distribution gives them any mass. */
function unpredictableIds({ specialIds, vocabSize }: Tokenizer, modelVocabSize: number): readonly number[] {
  const beyond = Array.from({ length: modelVocabSize - vocabSize }, (_, index) => vocabSize + index);
  return [...specialIds, ...beyond];
}
