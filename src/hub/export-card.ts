import { OWN_USE, resultsSection, trainingSection } from './card.js';
import type { ExportTask } from './inference-draft.js';
import type { LacunaJson } from './lacuna-json.js';
import type { OnnxFile } from './onnx-files.js';

/** What the card of an exported model is written from. */
export interface ExportCardFacts {
  readonly name: string;
  readonly modelType: string;
  readonly isLacunasOwn: boolean;
  readonly task: ExportTask;
  /** transformers' class of the model. */
  readonly architecture: string;
  readonly maskToken: string;
  /** Names of the classes, for a classifier. */
  readonly labels: readonly string[];
  readonly onnxFiles: readonly OnnxFile[];
  /** Figures of a fine-tuning, as Markdown. */
  readonly tuned?: string;
  /** Of the model, where Lacuna trained it from nothing. */
  readonly lacuna?: LacunaJson | undefined;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** An example text for a task. */
function example({ task, maskToken }: ExportCardFacts): string {
  return task === 'fill-mask' ? `The ${maskToken} of the Union` : 'The state of the Union is strong.';
}

function frontMatter(facts: ExportCardFacts): string {
  const isOnnx = facts.onnxFiles.length > 0;
  return [
    '---',
    `library_name: ${facts.isLacunasOwn ? 'lacuna' : isOnnx ? 'transformers.js' : 'transformers'}`,
    `pipeline_tag: ${facts.task}`,
    'license: unknown',
    ...(facts.task === 'fill-mask' ? [`mask_token: ${JSON.stringify(facts.maskToken)}`] : []),
    'tags:',
    `- ${facts.task}`,
    `- ${JSON.stringify(facts.modelType)}`,
    ...(isOnnx ? ['- onnx'] : []),
    ...(isOnnx && !facts.isLacunasOwn ? ['- transformers.js'] : []),
    '- lacuna',
    '---',
  ].join('\n');
}

function pythonUse(facts: ExportCardFacts): string {
  return `\`\`\`python
from transformers import pipeline

model = pipeline("${facts.task}", model="path/to/this/directory")
model(${JSON.stringify(example(facts))})
\`\`\``;
}

function onnxSections(facts: ExportCardFacts): string {
  const rows = facts.onnxFiles.map(
    ({ path, weights, sizeBytes }) => `| \`${path}\` | ${weights} | ${(sizeBytes / 1e6).toFixed(1)} MB |`,
  );
  return `${facts.isLacunasOwn ? runtimeUse() : javascriptUse(facts)}

## ONNX files

| file | weights | size |
| --- | --- | ---: |
${rows.join('\n')}

Any number of texts of any length up to the model's, standard operators only. \`model_quantized.onnx\` has int8 weights
(\`dtype: 'q8'\` in transformers.js), \`model_fp16.onnx\` weights in half precision (\`dtype: 'fp16'\`).
`;
}

function javascriptUse(facts: ExportCardFacts): string {
  return `\`\`\`js
import { pipeline } from '@huggingface/transformers';

const model = await pipeline('${facts.task}', 'path/to/this/directory', { dtype: 'fp32' });
await model(${JSON.stringify(example(facts))});
\`\`\``;
}

/** Ids come from tokenizer.json, which every tokenizer library of Hugging Face's opens. */
function runtimeUse(): string {
  return `\`\`\`js
import { InferenceSession } from 'onnxruntime-node';

const session = await InferenceSession.create('path/to/this/directory/onnx/model.onnx');
await session.run({ input_ids, attention_mask }); // int64[texts, tokens] each; ids by tokenizer.json
\`\`\``;
}

/** README.md of an exported model: front matter as Hugging Face reads it, how to open it, and the figures there are. */
export function exportCard(facts: ExportCardFacts): string {
  const { lacuna, labels, tuned } = facts;
  const classes = labels.length > 0 ? ` Its classes: ${labels.map(oneLine).join(', ')}.` : '';
  const sections = [
    frontMatter(facts),
    `# ${oneLine(facts.name)}`,
    `A \`${facts.architecture}\` for ${facts.task}, written by Lacuna.${classes}`,
    '## Use',
    facts.isLacunasOwn ? OWN_USE : pythonUse(facts),
    ...(facts.onnxFiles.length > 0 ? [onnxSections(facts)] : []),
    ...(tuned === undefined ? [] : ['## Results', tuned]),
    ...(lacuna ? ['## Results', resultsSection(lacuna), '## Training', trainingSection(lacuna)] : []),
    '## Limits',
    `The model knows only the text that it was trained on, with its errors, omissions and prejudices. The license of
that text is not known to Lacuna: check it before you share the model.
`,
  ];
  return sections.join('\n\n');
}
