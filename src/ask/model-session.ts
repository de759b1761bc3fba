import { join } from 'node:path';
import { FormatError, sameShape } from '../core/index.js';
import { MODEL_FILES, type OpenedModel, openModelDirectory } from '../hub/index.js';
import { Predictor } from '../infer/index.js';
import { type LanguageModel, readModel } from '../model/index.js';
import { Engine } from '../runtime/index.js';

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
    const { opened, model } = await openModel(directory);
    const { specialIds } = opened.tokenizer;
    return await use({
      opened,
      model,
      engine,
      predictor: new Predictor(engine, { model, parameters: opened.weights, specialIds }),
    });
  } finally {
    await engine.close();
  }
}

/** Opens a model directory and checks that it holds what its configuration says. */
export async function openModel(directory: string): Promise<Pick<ModelSession, 'opened' | 'model'>> {
  const opened = await openModelDirectory(directory);
  const model = readModel(opened.config, join(directory, MODEL_FILES.config));
  checkWeights(opened, model);
  return { opened, model };
}

/** Throws a FormatError that names the first weight that is missing or has another shape than the configuration says. */
function checkWeights({ directory, weights, tokenizer }: OpenedModel, model: LanguageModel): void {
  const where = join(directory, MODEL_FILES.weights);
  for (const { name, shape } of model.parameters) {
    const weight = weights.get(name);
    if (!weight) throw new FormatError(`${where}: expected a tensor '${name}', found none`);
    if (!sameShape(weight.shape, shape)) {
      throw new FormatError(`${where}: '${name}' must be [${shape}] by config.json, got [${weight.shape}]`);
    }
  }
  if (tokenizer.vocabSize > model.config.vocabSize) {
    throw new FormatError(
      `${join(directory, MODEL_FILES.tokenizer)}: ${tokenizer.vocabSize} tokens, but the model has ${model.config.vocabSize}`,
    );
  }
}
