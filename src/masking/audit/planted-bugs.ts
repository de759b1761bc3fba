import { RandomPurpose, RandomStream } from '../../core/index.js';
import { type MaskingVocabulary, maskablePositions } from '../mask-sequence.js';
import { type AuditedSequence, IGNORED_LABEL } from './declaration.js';

/** A collator as people write them: each token is drawn by itself, at 15 %, and shows mask, random, itself 80 : 10 : 10. */
export type Collator = (ids: Int32Array, vocabulary: MaskingVocabulary, seed: number) => AuditedSequence;

const RATE = 0.15;

interface Parts {
  /** Which positions may be masked. */
  readonly maskable: (ids: Int32Array, vocabulary: MaskingVocabulary) => Int32Array;
  /** What a chosen position shows. */
  readonly show: (id: number, vocabulary: MaskingVocabulary, random: RandomStream) => number;
  /** Labels from the right ones, i32[T]. */
  readonly label: (labels: Int32Array, ids: Int32Array, vocabulary: MaskingVocabulary) => Int32Array;
}

const sound: Parts = {
  maskable: maskablePositions,
  show: (id, vocabulary, random) =>
    showBy(random.nextFloat(), id, vocabulary, randomOrdinary(vocabulary, random)),
  label: (labels) => labels,
};

/** A collator with some of its parts replaced. */
function collator(parts: Partial<Parts>): Collator {
  const { maskable, show, label } = { ...sound, ...parts };
  return (ids, vocabulary, seed) => {
    const random = new RandomStream(seed, RandomPurpose.sampling, 7);
    const inputIds = Int32Array.from(ids);
    const labels = new Int32Array(ids.length).fill(IGNORED_LABEL);
    for (const position of maskable(ids, vocabulary)) {
      if (random.nextFloat() >= RATE) continue;
      labels[position] = ids[position] as number;
      inputIds[position] = show(ids[position] as number, vocabulary, random);
    }
    return { inputIds, labels: label(labels, ids, vocabulary), originalIds: ids };
  };
}

function showBy(draw: number, id: number, { maskId }: MaskingVocabulary, other: number): number {
  if (draw < 0.8) return maskId;
  return draw < 0.9 ? other : id;
}

function randomOrdinary({ vocabSize, specialIds }: MaskingVocabulary, random: RandomStream): number {
  let id = random.nextInt(vocabSize);
  while (specialIds.includes(id)) id = random.nextInt(vocabSize);
  return id;
}

/** The right collator: token by token, so that a short sequence can be left without a mask. */
export const independentCollator: Collator = collator({});

/**
 * Bugs of public code, made again from their descriptions. An audit must fail every one of them.
 */
export const PLANTED_BUGS: Readonly<Record<string, { readonly source: string; readonly collate: Collator }>> =
  {
    'never-masks': {
      source: 'BERT-pytorch 29: prob < prob * 0.8 is never true, so the mask token is never inserted',
      collate: collator({ show: (id) => id }),
    },
    'labels-above-zero': {
      source: 'mosaicml/examples 457: labels > 0 leaves out the first id, here the first ordinary one',
      collate: collator({
        label: (labels, _, { specialIds }) => {
          let first = 0;
          while (specialIds.includes(first)) first++;
          return labels.map((label) => (label > first ? label : IGNORED_LABEL));
        },
      }),
    },
    'special-replacements': {
      source:
        'methylbert 28, ModernBERT: random tokens are drawn from the whole vocabulary, special ones too',
      collate: collator({
        show: (id, vocabulary, random) =>
          showBy(random.nextFloat(), id, vocabulary, random.nextInt(vocabulary.vocabSize)),
      }),
    },
    'loss-everywhere': {
      source: 'mlm-pytorch 2: tokens that are not masked have a loss, too',
      collate: collator({
        label: (labels, ids, { specialIds }) =>
          labels.map((_, index) => {
            const id = ids[index] as number;
            return specialIds.includes(id) ? IGNORED_LABEL : id;
          }),
      }),
    },
    'off-by-one': {
      source: 'ESM compute_pppl: labels counted without the token at the beginning, inputs with it',
      collate: collator({ label: (labels) => labels.map((_, index) => labels[index + 1] ?? IGNORED_LABEL) }),
    },
    'specials-masked': {
      source: 'transformers 1395: special tokens are masked like any other',
      collate: collator({ maskable: (ids) => Int32Array.from(ids.keys()) }),
    },
  };
