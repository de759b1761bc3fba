import { bucketLength, powerOfTwo, rowsPerRun } from './buckets.js';
import type { ProgramShape, Question } from './model-graph.js';

/** Ids of B sequences and the M positions to predict, as rows of B * T. */
export interface PredictionInput {
  /** i32[B * T] */
  readonly inputIds: Int32Array;
  /** i32[M] */
  readonly positions: Int32Array;
}

/** What one run of a program is fed, beside the ids. */
export interface RunInput extends PredictionInput {
  /** 1 for the tokens of a row and 0 beyond its end, i32[B * T]; for padded programs. */
  readonly attentionMask?: Int32Array;
  /** i32[M]: m * V + id for each position m; for the question `labels`. */
  readonly places?: Int32Array;
}

/** What runs the program of a question and a shape. */
export interface QuestionRunner {
  readonly maxTokens: number;
  readonly vocabSize: number;
  run(question: Question, shape: ProgramShape, values: RunInput): Promise<Float32Array>;
}

/** One sequence with the places in it that a question is about. */
export interface Row {
  /** Ids, special ones included. */
  readonly ids: readonly number[];
  /** Places in `ids` to predict; none for the question `layer`. */
  readonly positions: readonly number[];
  /** The id asked about at each position, for the question `labels`. */
  readonly labels?: readonly number[];
}

/** The answer for one row: f32[positions, V], f32[positions], or f32[ids, H], by the question. */
export interface RowAnswer<R extends Row> {
  readonly row: R;
  readonly values: Float32Array;
}

/** Batches under way: while one runs, the next is made. */
const UNDER_WAY = 2;

/** Answers a question for every row; see `Predictor.ask`. */
export async function* runRows<R extends Row>(
  runner: QuestionRunner,
  question: Question,
  rows: Iterable<R>,
): AsyncGenerator<RowAnswer<R>> {
  const underWay: Promise<RowAnswer<R>[]>[] = [];
  for (const { shape, group } of groupRows(rows, runner.maxTokens)) {
    underWay.push(runGroup(runner, question, shape, group));
    if (underWay.length >= UNDER_WAY) yield* (await underWay.shift()) ?? [];
  }
  for (const answers of underWay) yield* await answers;
}

/** Rows that run together. */
interface Group<R> {
  readonly shape: ProgramShape;
  readonly group: readonly R[];
}

/**
 * Full groups of one padded length as they fill up, then what is left. Rows of a list that all have one length run without
 * padding; the left-over rows of different lengths share runs.
 */
export function* groupRows<R extends Row>(rows: Iterable<R>, maxTokens: number): Generator<Group<R>> {
  const exact = Array.isArray(rows) ? commonLength(rows) : undefined;
  const waiting = new Map<number, R[]>();
  for (const row of rows) {
    const length = exact ?? bucketLength(row.ids.length, maxTokens);
    const group = waiting.get(length) ?? [];
    group.push(row);
    waiting.set(length, group);
    if (group.length < rowsPerRun(length)) continue;
    waiting.delete(length);
    yield { shape: shapeOf(group, length, exact === undefined), group };
  }
  const left = [...waiting.values()].flat().sort((a, b) => b.ids.length - a.ids.length);
  while (left.length > 0) {
    const length = exact ?? bucketLength(left[0]?.ids.length ?? 1, maxTokens);
    const group = left.splice(0, rowsPerRun(length));
    yield { shape: shapeOf(group, length, exact === undefined), group };
  }
}

function commonLength(rows: readonly Row[]): number | undefined {
  const length = rows[0]?.ids.length;
  return rows.every(({ ids }) => ids.length === length) ? length : undefined;
}

function shapeOf(group: readonly Row[], sequenceLength: number, isPadded: boolean): ProgramShape {
  const batchSize = powerOfTwo(group.length);
  const each = commonCount(group);
  if (each !== undefined)
    return { batchSize, sequenceLength, predictions: batchSize * each, isPadded, isEven: true };
  const positions = group.reduce((sum, row) => sum + row.positions.length, 0);
  return {
    batchSize,
    sequenceLength,
    predictions: group.length === 1 ? Math.max(1, positions) : powerOfTwo(positions),
    isPadded,
    isEven: false,
  };
}

/** How many positions each row of a group has, where all have as many; of several rows a power of two, for few shapes. */
function commonCount(group: readonly Row[]): number | undefined {
  const count = group[0]?.positions.length ?? 0;
  const isShared = count > 0 && group.every(({ positions }) => positions.length === count);
  return isShared && (group.length === 1 || count === powerOfTwo(count)) ? count : undefined;
}

async function runGroup<R extends Row>(
  runner: QuestionRunner,
  question: Question,
  shape: ProgramShape,
  group: readonly R[],
): Promise<RowAnswer<R>[]> {
  const V = runner.vocabSize;
  const values = await runner.run(question, shape, runInput(question, shape, group, V));
  const isLayer = question.kind === 'layer';
  const width = values.length / (isLayer ? shape.batchSize * shape.sequenceLength : shape.predictions);
  let prediction = 0;
  return group.map((row, index) => {
    const start = isLayer ? index * shape.sequenceLength : prediction;
    const count = isLayer ? row.ids.length : row.positions.length;
    prediction += row.positions.length;
    return { row, values: values.subarray(start * width, (start + count) * width) };
  });
}

/**
 * Rows as tensors; rows and positions beyond the group's repeat the first id and the first place, of their own row where
 * each has as many, and nobody reads their answers.
 */
function runInput(question: Question, shape: ProgramShape, group: readonly Row[], V: number): RunInput {
  const { batchSize: B, sequenceLength: T, predictions: M } = shape;
  const inputIds = new Int32Array(B * T).fill(group[0]?.ids[0] ?? 0);
  const attentionMask = shape.isPadded ? new Int32Array(B * T) : undefined;
  const positions = new Int32Array(M);
  if (shape.isEven) for (const index of positions.keys()) positions[index] = Math.floor(index / (M / B)) * T;
  const places = question.kind === 'labels' ? new Int32Array(M) : undefined;
  let prediction = 0;
  for (const [index, { ids, positions: own, labels }] of group.entries()) {
    inputIds.set(ids, index * T);
    attentionMask?.fill(1, index * T, index * T + ids.length);
    for (const [order, position] of own.entries()) {
      positions[prediction] = index * T + position;
      if (places) places[prediction] = prediction * V + (labels?.[order] ?? 0);
      prediction++;
    }
  }
  return { inputIds, positions, ...(attentionMask && { attentionMask }), ...(places && { places }) };
}
