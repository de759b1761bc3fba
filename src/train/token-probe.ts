import type { Batch, BatchPlan } from '../data/index.js';
import {
  addScalar,
  compileProgram,
  Graph,
  gatherRows,
  input,
  log,
  mul,
  neg,
  reduceSum,
  reshape,
  softmax,
} from '../graph/index.js';
import type { TokenObservations } from '../masking/index.js';
import {
  declareParameters,
  type LanguageModel,
  lastOf,
  outputLogits,
  type ParameterValues,
} from '../model/index.js';
import type { Engine, LoadedProgram, TensorValues } from '../runtime/index.js';

/** Keeps the logarithm of a probability of zero finite; float32 has no smaller power of ten with full precision. */
const TINY = 1e-37;

/**
 * Surprisal of the true token and entropy of the whole distribution at masked positions, in nats, computed where the model
 * is. The parameters are inputs, so that one program serves a whole training.
 */
export class TokenProbe {
  private loaded: Promise<LoadedProgram> | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly model: LanguageModel,
    private readonly plan: BatchPlan,
    private readonly specialIds: readonly number[],
  ) {}

  /** What the model of these parameters predicts on batches; padding is left out. */
  async observe(parameters: ParameterValues, batches: Iterable<Batch>): Promise<TokenObservations> {
    this.loaded ??= this.engine.load(this.program());
    const loaded = await this.loaded;
    const weights = Object.fromEntries(
      [...parameters].map(([name, { shape, data }]) => [name, { dtype: 'float32' as const, shape, data }]),
    );
    const seen = { labels: [] as number[], surprisalNats: [] as number[], entropyNats: [] as number[] };
    for (const batch of batches) {
      const results = await loaded.run({ ...weights, ...this.feeds(batch) });
      const numbers = (name: string) => Array.from(results[name]?.data ?? [], Number);
      const [surprisal, entropy] = [numbers('surprisal'), numbers('entropy')];
      seen.labels.push(...batch.labels.subarray(0, batch.maskedCount));
      seen.surprisalNats.push(...surprisal.slice(0, batch.maskedCount));
      seen.entropyNats.push(...entropy.slice(0, batch.maskedCount));
    }
    return seen;
  }

  private feeds({ inputIds, positions, labels }: Batch): TensorValues {
    const { batchSize, sequenceLength, predictionsPerBatch: M } = this.plan;
    const cells = labels.map((label, row) => row * this.model.config.vocabSize + label);
    return {
      inputIds: { dtype: 'int32', shape: [batchSize, sequenceLength], data: inputIds },
      positions: { dtype: 'int32', shape: [M], data: positions },
      cells: { dtype: 'int32', shape: [M], data: cells },
    };
  }

  private program() {
    const { model, specialIds } = this;
    const V = model.config.vocabSize;
    const { batchSize, sequenceLength, predictionsPerBatch: M } = this.plan;
    const graph = new Graph();
    const parameters = declareParameters(graph, model.parameters);
    const inputIds = input(graph, 'inputIds', 'int32', [batchSize, sequenceLength]);
    const positions = input(graph, 'positions', 'int32', [M]);
    const cells = input(graph, 'cells', 'int32', [M]);
    const inputs = { inputIds };
    const hiddenStates = lastOf(model.encode(parameters, inputs, positions));
    const p = softmax(outputLogits(model, parameters, hiddenStates, { inputs, positions, specialIds })); // [M, V]
    const logOf = (x: typeof p) => log(addScalar(x, TINY));
    const ofLabels = gatherRows(reshape(p, [M * V, 1]), cells); // [M, 1]
    return compileProgram({
      surprisal: neg(reshape(logOf(ofLabels), [M])),
      entropy: neg(reduceSum(mul(p, logOf(p)), [1])),
    });
  }
}
