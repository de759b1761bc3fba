// Variants of fine-tuning on several splits of labelled paragraphs, beside a bag of words; see README.md.
import { parseArgs } from 'node:util';
import { joinWide } from '../../dist/api/wide-classifier.js';
import { trainBagOfWords } from '../../dist/baselines/index.js';
import { readLabelledTexts, splitByGroup } from '../../dist/data/index.js';
import { openCheckpoint } from '../../dist/hub/index.js';
import { LabelPredictor, likeliest, textSequence } from '../../dist/infer/index.js';
import { initialParameters, readModel } from '../../dist/model/index.js';
import { Engine } from '../../dist/runtime/index.js';
import { runTuning } from '../../dist/train/index.js';

const options = {
  data: { type: 'string' },
  model: { type: 'string' },
  folds: { type: 'string', default: 'A,B,C' },
  variants: { type: 'string', default: '128:0.3,256:0.3' },
  epochs: { type: 'string', default: '4' },
  every: { type: 'string', default: '3' },
};
const { values } = parseArgs({ options });
const FRACTION = 0.2;
const RESAMPLES = 4000;

const { opened, model: base, parameters } = await openCheckpoint(values.model);
const examples = await readLabelledTexts(values.data);
const labels = [...new Set(examples.map(({ label }) => label))].sort();

/** Another split for each fold: the names of groups decide their sides. Of the training groups, one in `every` is kept. */
function splitOf(fold) {
  const all = examples.map((example) => ({ ...example, group: `${example.group}:${fold}` }));
  const { train, validation, test } = splitByGroup(all, values.data, FRACTION);
  const names = [...new Set(train.map(({ group }) => group))];
  const kept = train.filter(({ group }) => names.indexOf(group) % Number(values.every) === 0);
  return { train: kept, validation, test, measured: [...validation, ...test] };
}

/** Its guesses for the measured texts: each half by the number of passes that is best on the other. */
function bagOfWords({ train, validation, test }) {
  const guess = (texts, others) => {
    const words = trainBagOfWords(train, others, 0);
    return texts.map(({ text }) => words(text));
  };
  return [...guess(validation, test), ...guess(test, validation)];
}

/** Guesses for the measured texts after the last epoch, without and with a linear model beside it: nothing is chosen by them. */
async function tuned({ train, measured }, { maxTokens, rate, isWide }) {
  const config = base.withTask('text-classification', labels).toHuggingFace();
  const changes = { classifier_pooling: 'mean', max_position_embeddings: maxTokens };
  const model = readModel({ ...config, ...changes }, values.model);
  const sequences = (texts) =>
    texts.map(({ text, label }) => textSequence(opened.tokenizer, text, maxTokens, labels.indexOf(label)));
  const { pad: padId, mask: maskId } = opened.tokenizer.special;
  const batches = { labelsEach: 'text', padId, batchTokens: 1024, maxTokens };
  const engine = new Engine();
  const outcome = await runTuning({
    engine,
    model,
    initial: new Map(
      [...initialParameters(model, { seed: 0 })].map(([name, value]) => [
        name,
        parameters.get(name) ?? value,
      ]),
    ),
    sequences: sequences(train),
    batches: { ...batches, tokenDropout: { rate, maskId } },
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 },
    maxGradientNorm: 1,
    freezesBody: false,
    learningRate: 1e-3,
    epochs: Number(values.epochs),
    patience: Number.POSITIVE_INFINITY,
    budgetMs: Number.POSITIVE_INFINITY,
    seed: 0,
    validate: (() => {
      let epoch = 0;
      return async () => ++epoch;
    })(),
  });
  const alone = { model, parameters: outcome.parameters };
  const classifiers = isWide ? [alone, joinWide(alone, sequences(train), 0)] : [alone];
  const guesses = [];
  for (const classifier of classifiers) {
    const predictor = new LabelPredictor(engine, classifier.model, batches);
    const rows = await predictor.predict(classifier.parameters, sequences(measured));
    guesses.push(rows.map((row) => labels[likeliest(row, labels.length).label]));
  }
  await engine.close();
  return guesses;
}

/** Right guesses of each variant by speech, in all folds. */
async function groupsOf(fold, variants) {
  const split = splitOf(fold);
  const guesses = [bagOfWords(split)];
  for (const variant of variants) guesses.push(...(await tuned(split, variant)));
  const groups = new Map();
  for (const [index, { group, label }] of split.measured.entries()) {
    const sums = groups.get(group) ?? { count: 0, right: guesses.map(() => 0) };
    sums.count++;
    for (const [variant, all] of guesses.entries()) sums.right[variant] += Number(all[index] === label);
    groups.set(group, sums);
  }
  return [...groups.values()];
}

const sum = (groups, of) => groups.reduce((total, group) => total + of(group), 0);
const percentAhead = (groups, a, b) =>
  (100 * sum(groups, ({ right }) => right[a] - right[b])) / sum(groups, ({ count }) => count);

/** The interval of 95 % of a difference of accuracies, over resampled groups. */
function interval(groups, a, b) {
  let state = 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return groups[Math.floor((state / 2_147_483_647) * groups.length)];
  };
  const resampled = Array.from({ length: RESAMPLES }, () => percentAhead(groups.map(next), a, b));
  resampled.sort((x, y) => x - y);
  return [0.025, 0.975].map((share) => resampled[Math.floor(share * RESAMPLES)].toFixed(2)).join(' to ');
}

const variants = values.variants.split(',').map((text) => {
  const [maxTokens, rate, wide] = text.split(':');
  return { maxTokens: Number(maxTokens), rate: Number(rate), isWide: wide === 'wide' };
});
const names = ['bag of words'];
for (const { maxTokens, rate, isWide } of variants) {
  const name = `${maxTokens} tokens, ${rate} hidden`;
  names.push(name, ...(isWide ? [`${name}, wide`] : []));
}
const groups = [];
for (const fold of values.folds.split(',')) groups.push(...(await groupsOf(fold, variants)));
const count = sum(groups, (group) => group.count);
for (const [index, name] of names.entries()) {
  const accuracy = (100 * sum(groups, ({ right }) => right[index])) / count;
  const beside = names
    .slice(0, index)
    .map(
      (other, place) =>
        `${percentAhead(groups, index, place).toFixed(2)} (${interval(groups, index, place)}) ahead of ${other}`,
    );
  console.log([`${name}: ${accuracy.toFixed(2)} %`, ...beside].join('; '));
}
