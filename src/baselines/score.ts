import type { Batch, BatchPlan } from '../data/index.js';
import type { MaskingPolicy } from '../masking/index.js';
import { ClozeBaseline, type GapContext, updateOnInput } from './cloze.js';
import type { NgramCounts } from './counts.js';

/** How well a baseline predicts masked tokens. */
export interface BaselineScores {
  /** Mean negative log probability. */
  readonly lossNats: number;
  /** Share of masked tokens whose probability is the largest. */
  readonly accuracy: number;
}

export interface BaselineComparison {
  readonly unigram: BaselineScores;
  readonly cloze: BaselineScores;
}

export interface BaselineQuestion {
  readonly plan: BatchPlan;
  readonly policy: MaskingPolicy;
  readonly maskId: number;
}

/** Sums of one baseline's losses and hits. */
class Tally {
  private nats = 0;
  private hits = 0;
  private count = 0;

  add(probability: number, isHit: boolean): void {
    this.nats -= Math.log(probability);
    this.hits += Number(isHit);
    this.count++;
  }

  scores(): BaselineScores {
    return { lossNats: this.nats / this.count, accuracy: this.hits / this.count };
  }
}

/** Scores both baselines on the masked positions of batches, from the corrupted input that a model would see. */
export function scoreBaselines(
  counts: NgramCounts,
  batches: Iterable<Batch>,
  question: BaselineQuestion,
): BaselineComparison {
  const cloze = new ClozeBaseline(counts);
  const ordinaryIds = counts.vocabSize - counts.specialIds.length;
  const commonest = indexOfLargest(cloze.unigram);
  const tallies = { unigram: new Tally(), cloze: new Tally() };
  for (const batch of batches) {
    for (let index = 0; index < batch.maskedCount; index++) {
      const position = batch.positions[index] as number;
      const label = batch.labels[index] as number;
      tallies.unigram.add(cloze.unigram[label] as number, label === commonest);
      const context = contextOf(batch.inputIds, position, { ...question.plan, maskId: question.maskId });
      const inputId = batch.inputIds[position] as number;
      const prior = cloze.distribution(context);
      const posterior = updateOnInput(prior, inputId, question.maskId, question.policy, ordinaryIds);
      tallies.cloze.add(posterior[label] as number, label === indexOfLargest(posterior));
    }
  }
  return { unigram: tallies.unigram.scores(), cloze: tallies.cloze.scores() };
}

/** The visible neighbours of a position inside its row. */
export function contextOf(
  ids: Int32Array,
  position: number,
  { sequenceLength, maskId }: { readonly sequenceLength: number; readonly maskId: number },
): GapContext {
  const column = position % sequenceLength;
  const visible = (offset: number) => {
    const other = column + offset;
    if (other < 0 || other >= sequenceLength) return undefined;
    const id = ids[position + offset];
    return id === maskId ? undefined : id;
  };
  return { left: visible(-1), left2: visible(-2), right: visible(1), right2: visible(2) };
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] as number) > (values[best] as number)) best = index;
  }
  return best;
}
