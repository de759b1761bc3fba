import { z } from 'zod';
import type { PostProcessor } from '../component.js';
import { NoPostProcessor } from '../post-processors/none.js';
import { RobertaPostProcessor } from '../post-processors/roberta.js';
import { SequencePostProcessor } from '../post-processors/sequence.js';
import { TemplatePostProcessor } from '../post-processors/template.js';
import { type Located, parse, type Readers, readComponent, readMembers } from './parse.js';
import { readByteLevelPostProcessor } from './read-byte-level.js';
import { readTemplateProcessing } from './read-template.js';

const readers: Readers<PostProcessor> = new Map([
  ['TemplateProcessing', readTemplateProcessing],
  ['BertProcessing', readBert],
  ['RobertaProcessing', readRoberta],
  ['ByteLevel', readByteLevelPostProcessor],
  ['Sequence', readSequence],
]);

export function readPostProcessor(located: Located): PostProcessor {
  return located.value === null ? new NoPostProcessor() : readComponent(located, readers);
}

const namedIdSchema = z.tuple([z.string(), z.int().nonnegative()]);

const bertSchema = z.strictObject({
  type: z.literal('BertProcessing'),
  sep: namedIdSchema,
  cls: namedIdSchema,
});

/** BertProcessing is a template under another name; it is written back as TemplateProcessing. */
function readBert(located: Located): PostProcessor {
  const { cls, sep } = parse(bertSchema, located);
  return TemplatePostProcessor.bert({ token: cls[0], id: cls[1] }, { token: sep[0], id: sep[1] });
}

const robertaSchema = z.strictObject({
  type: z.literal('RobertaProcessing'),
  sep: namedIdSchema,
  cls: namedIdSchema,
  trim_offsets: z.boolean(),
  add_prefix_space: z.boolean(),
});

function readRoberta(located: Located): PostProcessor {
  const { cls, sep, ...json } = parse(robertaSchema, located);
  return new RobertaPostProcessor({
    cls: { token: cls[0], id: cls[1] },
    sep: { token: sep[0], id: sep[1] },
    trimOffsets: json.trim_offsets,
    addPrefixSpace: json.add_prefix_space,
  });
}

const sequenceSchema = z.strictObject({ type: z.literal('Sequence'), processors: z.array(z.unknown()) });

function readSequence(located: Located): PostProcessor {
  const { processors } = parse(sequenceSchema, located);
  return new SequencePostProcessor(readMembers(located, 'processors', processors, readers));
}
