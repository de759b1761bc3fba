import { ConfigError } from '../../core/index.js';
import type { PostProcessor } from '../component.js';
import { NoPostProcessor } from '../post-processors/none.js';
import { RobertaPostProcessor } from '../post-processors/roberta.js';
import { type TemplatePiece, TemplatePostProcessor } from '../post-processors/template.js';

/** What may stand around texts: `[CLS] A [SEP] B [SEP]`, `<s> A </s></s> B </s>`, `A </s> B </s>`, or nothing. */
export const TEMPLATE_NAMES = ['bert', 'roberta', 't5', 'none'] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

interface NamedId {
  readonly token: string;
  readonly id: number;
}

/** What begins and what ends a text, in the families of models. */
const ENDS = [
  ['[CLS]', '[SEP]'],
  ['<s>', '</s>'],
  ['<cls>', '<eos>'],
] as const;

/**
 * A post-processor of special tokens; without a name BERT's where they have what begins and what ends a text, else none.
 * Throws ConfigError when the named template needs a token that is not among them.
 */
export function namedTemplate(name: TemplateName | undefined, specials: readonly NamedId[]): PostProcessor {
  if (name === 'none') return new NoPostProcessor();
  const find = (content: string) => specials.find(({ token }) => token === content);
  if (name === 't5') {
    const end = ENDS.map(([, last]) => find(last)).find((found) => found !== undefined);
    if (end === undefined) throw missing(name, '</s>');
    return endOnly(end);
  }
  for (const [cls, sep] of ENDS.map(([first, last]) => [find(first), find(last)] as const)) {
    if (cls === undefined || sep === undefined) continue;
    if (name !== 'roberta') return TemplatePostProcessor.bert(cls, sep);
    return new RobertaPostProcessor({ cls, sep, trimOffsets: true, addPrefixSpace: false });
  }
  if (name !== undefined) throw missing(name, ENDS.map((pair) => pair.join(' and ')).join(', or '));
  return new NoPostProcessor();
}

function missing(name: TemplateName, tokens: string): ConfigError {
  return new ConfigError(`template ${name}: expected the special tokens ${tokens}, found none`);
}

/** T5's template: each text is followed by the end token. */
function endOnly({ token, id }: NamedId): PostProcessor {
  const withEnd = (sequence: 'A' | 'B'): TemplatePiece[] => [
    { sequence, typeId: 0 },
    { special: token, typeId: 0 },
  ];
  const specials = new Map([[token, { ids: [id], tokens: [token] }]]);
  return new TemplatePostProcessor(withEnd('A'), [...withEnd('A'), ...withEnd('B')], specials);
}
