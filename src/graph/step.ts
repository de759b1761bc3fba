import { formatType, ShapeError } from '../core/index.js';
import { encodeOnnx, type GraphProto, onnxGraph, onnxModel, onnxValueInfo } from '../formats/index.js';
import { Emitter, inputPorts, OPSETS, type Port, type Program, samePort, valueInfoOf } from './emit.js';
import { asInput, type Tensor, type TensorType } from './graph.js';
import type { Descent } from './optimizer.js';
import { verifyModel } from './verify.js';

/**
 * Work that a step does for each of several parts of its batch in turn (micro-batches), so that no more than one part's
 * activations are in memory: tensors of one part, summed over the parts.
 */
export interface Accumulation {
  /** N: parts of a step */
  readonly parts: number;
  /** Names of the inputs that have another value for every part. */
  readonly perPart: readonly string[];
  /** What is summed, by the name of the input through which the step takes the sum. */
  readonly sums: ReadonlyMap<string, Tensor>;
}

/** One step of an iteration: what is kept between steps, what replaces it, and what is reported. */
export interface StepSpec {
  /** All that is kept between steps, by name: every entry of `successors`, and of `descents` what it updates. */
  readonly state: ReadonlyMap<string, TensorType>;
  /** State that the program itself computes anew, by the name of its input. */
  readonly successors: ReadonlyMap<string, Tensor>;
  /** Parameters whose gradient the program gives to AdamW, which updates them in place. */
  readonly descents: readonly Descent[];
  /** What each step reports, f32[] each. A step with one that is not finite must change nothing. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Sums over micro-batches that the step begins with. */
  readonly accumulation?: Accumulation;
}

/** Suffix of the outputs that carry new state. */
export const NEXT = '/next';

/** Suffix of the outputs that carry gradients. */
export const GRADIENT = '/gradient';

/**
 * Compiles one step. Inputs: the state and what the batch brings, with a leading axis of parts for what differs between
 * the parts of an accumulation. Outputs: the successors of state, named with `/next`, gradients, named with `/gradient`,
 * and the metrics.
 */
export function compileStep(step: StepSpec): Program {
  const outputs: Readonly<Record<string, Tensor>> = {
    ...Object.fromEntries([...step.successors].map(([name, next]) => [`${name}${NEXT}`, next])),
    ...Object.fromEntries(step.descents.map(({ name, gradient }) => [`${name}${GRADIENT}`, gradient])),
    ...step.metrics,
  };
  const tensors = Object.values(outputs);
  const inputs = stepInputs(step, tensors);
  checkSuccessors(step, inputs);

  const emitter = new Emitter();
  for (const { port, tensor } of inputs) emitter.bind(tensor, port.name);
  if (step.accumulation) emitAccumulation(emitter, step.accumulation, outputs);
  const outputPorts = Object.entries(outputs).map(([name, tensor]): Port => {
    if (emitter.name(tensor) !== name) emitter.bindOutput(tensor, name);
    return { name, dtype: tensor.dtype, shape: tensor.shape };
  });
  emitter.emitAll(tensors);
  const parts = step.accumulation?.parts;
  const ports = inputs.map(({ port, isPerPart }): Port => {
    return isPerPart && parts !== undefined ? { ...port, shape: [parts, ...port.shape] } : port;
  });
  const model = onnxModel(
    onnxGraph({
      name: 'step',
      nodes: emitter.nodes,
      inputs: ports.map(valueInfoOf),
      outputs: outputPorts.map(valueInfoOf),
      initializers: emitter.initializers,
      valueInfo: emitter.valueInfo,
    }),
    OPSETS,
  );
  verifyModel(model);
  return { onnx: encodeOnnx(model), inputs: ports, outputs: outputPorts };
}

interface StepInput {
  readonly port: Port;
  readonly tensor: Tensor;
  /** Whether it has another value for every part of an accumulation. */
  readonly isPerPart: boolean;
}

/** What the step and its accumulation need from outside, in the order it was declared. */
function stepInputs({ accumulation }: StepSpec, tensors: readonly Tensor[]): StepInput[] {
  return inputPorts([...tensors, ...(accumulation?.sums.values() ?? [])])
    .filter(({ port }) => !accumulation?.sums.has(port.name))
    .map(({ port, tensor }) => {
      return { port, tensor, isPerPart: accumulation?.perPart.includes(port.name) ?? false };
    });
}

/**
 * Adds the loop over the parts of a step: its carried values are the sums. They begin as one scalar zero, to which the
 * first part's tensors are broadcast, so that no zeros of their size stay in memory.
 */
function emitAccumulation(
  emitter: Emitter,
  { parts, perPart, sums }: Accumulation,
  stepOutputs: Readonly<Record<string, Tensor>>,
): void {
  const part = emitter.nested();
  const tensors = [...sums.values()];
  for (const { port, tensor } of inputPorts(tensors)) {
    if (!perPart.includes(port.name)) continue;
    part.node('Gather', [port.name, 'part/iteration'], [`part/${port.name}`], { axis: 0 });
    part.bind(tensor, `part/${port.name}`);
  }
  const nameOf = new Map([...sums].map(([name, tensor]) => [tensor.id, name]));
  part.emitAll(tensors, (tensor) => {
    const name = nameOf.get(tensor.id);
    if (name !== undefined) part.node('Add', [`part/${name}`, part.name(tensor)], [`part/${name}${NEXT}`]);
  });
  const ports = [...sums].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  part.node('Identity', ['part/condition'], ['part/continue']);
  // A sum that is an output of the step as it is has that name from the start: a copy would be a pass over memory.
  const asOutput = new Map(
    Object.entries(stepOutputs).map(([output, { node }]) => [asInput(node)?.name ?? '', output]),
  );
  const outerName = (sum: string): string => asOutput.get(sum) ?? sum;
  const outputs = ports.map((port) => ({ ...port, name: `part/${port.name}${NEXT}` }));
  emitter.node(
    'Loop',
    [emitter.int64([parts], []), '', ...ports.map(() => emitter.float(0))],
    ports.map(({ name }) => outerName(name)),
    { body: { graph: loopBody(part, ports, outputs) } },
  );
  for (const { port, tensor } of inputPorts(Object.values(stepOutputs))) {
    if (sums.has(port.name)) emitter.bind(tensor, outerName(port.name));
  }
}

/** The body of the Loop over parts; what it takes from the graph around it needs no declaration. */
function loopBody(emitter: Emitter, carried: readonly Port[], outputs: readonly Port[]): GraphProto {
  return onnxGraph({
    name: 'part',
    nodes: emitter.nodes,
    inputs: [
      onnxValueInfo('part/iteration', 'int64', []),
      onnxValueInfo('part/condition', 'bool', []),
      // Without shapes: a sum is a scalar before the first part.
      ...carried.map(({ name, dtype }) => onnxValueInfo(`part/${name}`, dtype)),
    ],
    outputs: [onnxValueInfo('part/continue', 'bool', []), ...outputs.map(valueInfoOf)],
    valueInfo: emitter.valueInfo,
  });
}

function checkSuccessors({ successors }: StepSpec, inputs: readonly StepInput[]): void {
  for (const [name, next] of successors) {
    const port = inputs.find((input) => input.port.name === name)?.port;
    if (!port) throw new ShapeError(`step: state '${name}' is not an input that the step uses`);
    if (!samePort(port, next)) {
      const expected = formatType(port.dtype, port.shape);
      throw new ShapeError(
        `step: state '${name}' is ${expected}, its successor ${formatType(next.dtype, next.shape)}`,
      );
    }
  }
}
