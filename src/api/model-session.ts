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
}

/** Opens a model directory, hands it to `use`, and frees the back end whatever happens. */
export async function withModel<Result>(
  directory: string,
  use: (session: ModelSession) => Promise<Result>,
): Promise<Result> {
  const { opened, model, parameters } = await openCheckpoint(directory);
  const engine = new Engine();
  try {
    const specialIds = unpredictableIds(opened.tokenizer, model.config.vocabSize);
    return await use({
      opened,
      model,
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
