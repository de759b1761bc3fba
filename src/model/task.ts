import { z } from 'zod';
import { ConfigError } from '../core/index.js';
import { TASKS, type Task } from './language-model.js';

/** Classes beyond any classifier there is; unnamed ones are written out as a list. */
const MOST_LABELS = 2 ** 20;

/** What config.json says of the head: transformers' class, and the names of the classes. */
const headSchema = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
  num_labels: z.int().positive().max(MOST_LABELS).nullish(),
  is_decoder: z.boolean().nullish(),
});

/** Class names that transformers gives a head whose classes have none: it writes two unless told. */
function unnamedLabels(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `LABEL_${index}`);
}

/** Names of the classes by index; throws a ConfigError when `id2label` leaves an index out. */
function readLabels(id2label: Readonly<Record<string, string>>, where: string): string[] {
  const count = Object.keys(id2label).length;
  return Array.from({ length: count }, (_, index) => {
    const label = id2label[index];
    if (label === undefined) throw new ConfigError(`${where}: id2label: expected a label of index ${index}`);
    return label;
  });
}

/** The task of the first class in `architectures`; a class that the family does not have leaves its body alone. */
function taskOf(
  architecture: string | undefined,
  isDecoder: boolean,
  architectures: Readonly<Partial<Record<Task, readonly string[]>>>,
): Task {
  if (architecture === undefined) return 'fill-mask';
  const tasks = TASKS.filter((task) => architectures[task]?.includes(architecture));
  const wanted = tasks.find((task) => (task === 'text-generation') === isDecoder) ?? tasks[0];
  return wanted ?? 'feature-extraction';
}

/** Task, class names and the whole of a config.json. */
export function readTask(
  json: unknown,
  architectures: Readonly<Partial<Record<Task, readonly string[]>>>,
  where: string,
): { readonly task: Task; readonly labels: readonly string[]; readonly original: Record<string, unknown> } {
  const parsed = headSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(
      `${where}: ${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'is no configuration'}`,
    );
  }
  const { data } = parsed;
  const task = taskOf(data.architectures?.[0], data.is_decoder ?? false, architectures);
  const hasLabels = task === 'text-classification' || task === 'token-classification';
  if (!hasLabels) return { task, labels: [], original: data };
  const labels = data.id2label ? readLabels(data.id2label, where) : unnamedLabels(data.num_labels ?? 2);
  return { task, labels, original: data };
}

/** `id2label` and `label2id` of config.json. */
export function writeLabels(labels: readonly string[]): Record<string, unknown> {
  return {
    id2label: Object.fromEntries(labels.map((label, index) => [String(index), label])),
    label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
  };
}
