/** How well labels were predicted. */
export interface LabelScores {
  /** Share of labels that are right. */
  readonly accuracy: number;
  /** Mean over the labels that occur of the harmonic mean of precision and recall. */
  readonly macroF1: number;
  /** Labels in all. */
  readonly count: number;
}

/** F1 = 2 TP / (2 TP + FP + FN); 0 where there is nothing to count. */
function f1(truePositives: number, predicted: number, actual: number): number {
  return predicted + actual === 0 ? 0 : (2 * truePositives) / (predicted + actual);
}

/** Accuracy and macro F1 of predictions; both lists hold labels in the same order. */
export function scoreLabels<Label>(predicted: readonly Label[], actual: readonly Label[]): LabelScores {
  const tally = (labels: readonly Label[]) => {
    const counts = new Map<Label, number>();
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    return counts;
  };
  const right = actual.filter((label, index) => label === predicted[index]);
  const [hits, given, wanted] = [tally(right), tally(predicted), tally(actual)];
  const scores = [...wanted].map(([label, count]) => f1(hits.get(label) ?? 0, given.get(label) ?? 0, count));
  const macroF1 = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  return { accuracy: right.length / Math.max(1, actual.length), macroF1, count: actual.length };
}

/** Spans of a sentence tagged B-X, I-X, O: "type:first:last" each. An I-X that continues nothing begins a span. */
export function entitySpans(tags: readonly string[]): string[] {
  const spans: string[] = [];
  let open: { readonly type: string; readonly first: number } | undefined;
  const close = (end: number) => {
    if (open) spans.push(`${open.type}:${open.first}:${end}`);
    open = undefined;
  };
  for (const [index, tag] of tags.entries()) {
    const [, prefix, type = ''] = /^([BI])-(.+)$/.exec(tag) ?? [];
    if (prefix === 'I' && open?.type === type) continue;
    close(index - 1);
    if (prefix) open = { type, first: index };
  }
  close(tags.length - 1);
  return spans;
}

/** Whether tags mark entities: each is O, B-X or I-X, and not all are O. */
export function areEntityTags(tags: readonly string[]): boolean {
  return tags.every((tag) => /^(O|[BI]-.+)$/.test(tag)) && tags.some((tag) => tag !== 'O');
}

/** Micro F1 of whole entities (CoNLL 2003: a span counts when its limits and its type are right). */
export function entityF1(
  predicted: readonly (readonly string[])[],
  actual: readonly (readonly string[])[],
): number {
  let [hits, given, wanted] = [0, 0, 0];
  for (const [index, tags] of actual.entries()) {
    const [found, there] = [new Set(entitySpans(predicted[index] ?? [])), entitySpans(tags)];
    hits += there.filter((span) => found.has(span)).length;
    given += found.size;
    wanted += there.length;
  }
  return f1(hits, given, wanted);
}
