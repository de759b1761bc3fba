import type { LacunaJson } from './lacuna-json.js';

/** What the model card is written from; every figure comes from `lacuna`. */
export interface CardFacts {
  /** Title of the card. */
  readonly name: string;
  /** Where the text came from, in a few words; may be left out. */
  readonly source?: string;
  /** `model_type` in config.json. */
  readonly modelType: string;
  readonly isLacunasOwn: boolean;
  readonly maskToken: string;
  readonly lacuna: LacunaJson;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const integer = (value: number): string => value.toLocaleString('en-US');
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(0)} s`;
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

function frontMatter(facts: CardFacts): string {
  return [
    '---',
    `library_name: ${facts.isLacunasOwn ? 'lacuna' : 'transformers'}`,
    'pipeline_tag: fill-mask',
    'license: unknown',
    `mask_token: ${JSON.stringify(facts.maskToken)}`,
    'tags:',
    '- fill-mask',
    `- ${JSON.stringify(facts.modelType)}`,
    '- lacuna',
    '---',
  ].join('\n');
}

/** What stands in the place of the use in transformers for a model that it does not have. */
export const OWN_USE =
  'transformers and transformers.js have no model of this type: Lacuna opens this directory, and ONNX Runtime what `lacuna export --format onnx` makes of it.';

function transformersUse({ maskToken }: CardFacts): string {
  return `\`\`\`python
from transformers import pipeline

fill = pipeline("fill-mask", model="path/to/this/directory")
fill("The ${maskToken} of the Union")
\`\`\``;
}

function resultsTable({ heldOut }: LacunaJson): string {
  const { baselines } = heldOut;
  const rows = [['this model', heldOut.lossNats.toFixed(3), percent(heldOut.accuracy)]];
  if (baselines) {
    const { cloze, unigram } = baselines;
    rows.push(['n-gram cloze', cloze.lossNats.toFixed(3), percent(cloze.accuracy)]);
    rows.push(['unigram', unigram.lossNats.toFixed(3), percent(unigram.accuracy)]);
  }
  return table(['', 'loss (nats per masked token)', 'accuracy'], rows);
}

function resultsProse({ heldOut }: LacunaJson): string {
  return `Over ${integer(heldOut.maskedTokens)} masked tokens of held-out documents: perplexity ${heldOut.perplexity.toFixed(2)}, top-5 accuracy ${percent(heldOut.top5Accuracy)}, ${heldOut.bitsPerByte.toFixed(3)} bits per byte of masked text. The baselines see the very same masked positions.`;
}

function trainingTable({ data, masking, training, model, versions, machine }: LacunaJson): string {
  const replacement = [masking.replacedByMask, masking.replacedByRandom, masking.kept].map(percent);
  return table(
    ['', ''],
    [
      ['documents', `${integer(data.documents)}, of which ${integer(data.heldOutDocuments)} held out`],
      ...(data.dedupThreshold === undefined
        ? []
        : [['duplicates', `left out from a similarity of ${percent(data.dedupThreshold)} on`]]),
      ['training text', `${integer(data.trainBytes)} bytes`],
      ['data fingerprint', `\`${data.fingerprint}\``],
      ['parameters', integer(model.parameters)],
      ['steps', `${integer(training.steps)}${training.interrupted ? ' (interrupted)' : ''}`],
      ['tokens seen', integer(training.tokens)],
      ['training time', seconds(training.trainMs)],
      ['batch', `${integer(training.batchSize)} x ${integer(training.sequenceLength)} tokens`],
      ['learning rate', String(training.learningRate)],
      [
        'masking',
        `${masking.policy}, rate ${percent(masking.rate)} (mask/random/kept ${replacement.join(' / ')})`,
      ],
      ['seed', String(training.seed)],
      ['machine', `${oneLine(machine.cpu)}, ${machine.cores} cores, ${machine.threads} threads`],
      ['software', `Node ${versions.node}, ONNX Runtime ${versions.onnxruntime}`],
    ],
  );
}

/** Held-out figures beside the baselines, as Markdown. */
export function resultsSection(lacuna: LacunaJson): string {
  return `${resultsTable(lacuna)}\n\n${resultsProse(lacuna)}`;
}

/** How the model came to be, as Markdown. */
export const trainingSection = trainingTable;

/** Where training began, as part of a sentence. */
function origin({ startedFrom }: LacunaJson): string {
  if (!startedFrom) return 'from nothing';
  const { name, newTokens } = startedFrom;
  const grown = newTokens > 0 ? `, whose vocabulary gained ${integer(newTokens)} tokens,` : '';
  return `further from the model '${oneLine(name)}'${grown}`;
}

/** README.md of a model directory: front matter as Hugging Face reads it, then the real figures. */
export function modelCard(facts: CardFacts): string {
  const { lacuna } = facts;
  const source = facts.source ? ` on ${oneLine(facts.source)}` : '';
  return `${frontMatter(facts)}

# ${oneLine(facts.name)}

A masked language model trained ${origin(lacuna)}${source} by Lacuna ${lacuna.lacunaVersion}.

## Results

${resultsSection(lacuna)}

## Training

${trainingSection(lacuna)}

## Use

${facts.isLacunasOwn ? OWN_USE : transformersUse(facts)}

\`\`\`sh
npx lacuna fill "The ${facts.maskToken} of the Union" --model path/to/this/directory
\`\`\`

## Limits

The model knows only the text that it was trained on, with its errors, omissions and prejudices. The license of
that text is not known to Lacuna: check it before you share the model.
`;
}
