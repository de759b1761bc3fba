import { formatType, ShapeError } from '../core/index.js';
import {
  encodeOnnx,
  type GraphProto,
  onnxGraph,
  onnxModel,
  onnxNode,
  onnxValueInfo,
} from '../formats/index.js';
import {
  Emitter,
  inputPorts,
  OPSETS,
  type Port,
  type Program,
  type ProgramPort,
  samePort,
  valueInfoOf,
} from './emit.js';
import type { Tensor } from './graph.js';
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

/** One step of an iteration: what is carried, what is fed anew at every step, and what is reported. */
export interface StepSpec {
  /** State by the name of its input, with the tensor that replaces it after the step. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Names of the inputs that have another value at every step. */
  readonly perStep: readonly string[];
  /** What each step reports. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Sums over micro-batches that the step begins with. */
  readonly accumulation?: Accumulation;
}

/** Suffix of the outputs that carry new state. */
export const NEXT = '/next';

/** Name of the size that is the number of steps of a run. */
const STEPS = 'steps';

/**
 * Compiles steps into one program with an ONNX Loop, as many of them as the per-step inputs have values. Inputs: the
 * state, once; the per-step inputs with a leading axis of steps (two leading axes for what differs between the parts of
 * an accumulation); anything else as it is. Outputs: the state after the last step, named with `/next`, and each metric
 * with a leading axis of steps. State stays inside the run between steps, by reference.
 */
export function compileLoop(step: StepSpec): Program {
  const tensors = [...step.state.values(), ...Object.values(step.metrics)];
  const inputs = loopInputs(step, tensors);
  checkState(step, inputs);
  const statePorts = inputs.map(({ port }) => port).filter((port) => step.state.has(port.name));

  const emitter = new Emitter();
  for (const { port, tensor, leading } of inputs) {
    if (step.state.has(port.name)) emitter.bind(tensor, `body/${port.name}`);
    else if (leading > 0) {
      emitter.node('Gather', [port.name, 'body/iteration'], [`body/${port.name}`], { axis: 0 });
      emitter.bind(tensor, `body/${port.name}`);
    } else emitter.bind(tensor, port.name);
  }
  if (step.accumulation) emitAccumulation(emitter, step.accumulation, tensors);
  const bodyOutputs: Port[] = [
    ...statePorts.map(({ name }) => bodyOutput(emitter, step.state.get(name), `body/${name}${NEXT}`)),
    ...Object.entries(step.metrics).map(([name, tensor]) => bodyOutput(emitter, tensor, `body/${name}`)),
  ];
  emitter.emitAll(tensors);
  emitter.node('Identity', ['body/condition'], ['body/continue']);

  const body = loopBody('body', emitter, statePorts, bodyOutputs);
  const parts = step.accumulation ? [step.accumulation.parts] : [];
  const outerInputs = inputs.map(({ port, leading }) => ({
    ...port,
    shape: [...[STEPS, ...parts].slice(0, leading), ...port.shape],
  }));
  const counted = inputs.find(({ leading }) => leading > 0)?.port.name;
  if (counted === undefined) throw new ShapeError('loop: no input has another value at every step');
  const outputs: ProgramPort[] = [
    ...statePorts.map((port) => ({ ...port, name: `${port.name}${NEXT}` })),
    ...Object.entries(step.metrics).map(([name, { dtype, shape }]) => ({
      name,
      dtype,
      shape: [STEPS, ...shape],
    })),
  ];
  const count = onnxNode('Shape', [counted], ['step_count'], { start: 0, end: 1 });
  const loop = onnxNode(
    'Loop',
    ['step_count', '', ...statePorts.map((port) => port.name)],
    outputs.map((port) => port.name),
    { body: { graph: body } },
  );
  const model = onnxModel(
    onnxGraph({
      name: 'loop',
      nodes: [count, loop],
      inputs: outerInputs.map(valueInfoOf),
      outputs: outputs.map(valueInfoOf),
      initializers: emitter.initializers,
    }),
    OPSETS,
  );
  verifyModel(model, { dynamicSizes: new Set([STEPS]) });
  return { onnx: encodeOnnx(model), inputs: outerInputs, outputs };
}

interface LoopInput {
  readonly port: Port;
  readonly tensor: Tensor;
  /** Axes in front of the port's own: 1 for a value per step, 2 for a value per part of a step. */
  readonly leading: 0 | 1 | 2;
}

/** What the step and its accumulation need from outside, in the order it was declared. */
function loopInputs(step: StepSpec, tensors: readonly Tensor[]): LoopInput[] {
  const { accumulation } = step;
  const needed = inputPorts([...tensors, ...(accumulation?.sums.values() ?? [])]);
  return needed
    .filter(({ port }) => !accumulation?.sums.has(port.name))
    .map(({ port, tensor }) => {
      const perPart = accumulation?.perPart.includes(port.name);
      return { port, tensor, leading: perPart ? 2 : step.perStep.includes(port.name) ? 1 : 0 };
    });
}

/** Adds the loop over the parts of a step: its carried values are the sums, from zero on. */
function emitAccumulation(
  emitter: Emitter,
  { parts, perPart, sums }: Accumulation,
  consumers: readonly Tensor[],
): void {
  const part = emitter.nested();
  const tensors = [...sums.values()];
  for (const { port, tensor } of inputPorts(tensors)) {
    if (!perPart.includes(port.name)) continue;
    part.node('Gather', [`body/${port.name}`, 'part/iteration'], [`part/${port.name}`], { axis: 0 });
    part.bind(tensor, `part/${port.name}`);
  }
  const nameOf = new Map([...sums].map(([name, tensor]) => [tensor.id, name]));
  part.emitAll(tensors, (tensor) => {
    const name = nameOf.get(tensor.id);
    if (name !== undefined) part.node('Add', [`part/${name}`, part.name(tensor)], [`part/${name}${NEXT}`]);
  });
  const ports = [...sums].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  for (const [name, tensor] of sums) {
    emitter.node('Expand', [emitter.float(0), emitter.int64(tensor.shape)], [`body/${name}/zero`]);
  }
  part.node('Identity', ['part/condition'], ['part/continue']);
  const outputs = ports.map((port) => ({ ...port, name: `part/${port.name}${NEXT}` }));
  emitter.node(
    'Loop',
    [emitter.int64([parts], []), '', ...ports.map(({ name }) => `body/${name}/zero`)],
    ports.map(({ name }) => `body/${name}`),
    { body: { graph: loopBody('part', part, ports, outputs) } },
  );
  for (const { port, tensor } of inputPorts(consumers)) {
    if (sums.has(port.name)) emitter.bind(tensor, `body/${port.name}`);
  }
}

/** The body of a Loop whose carried values are `carried`; what it takes from the graph around it needs no declaration. */
function loopBody(
  name: string,
  emitter: Emitter,
  carried: readonly Port[],
  outputs: readonly Port[],
): GraphProto {
  return onnxGraph({
    name,
    nodes: emitter.nodes,
    inputs: [
      onnxValueInfo(`${name}/iteration`, 'int64', []),
      onnxValueInfo(`${name}/condition`, 'bool', []),
      ...carried.map((port) => valueInfoOf({ ...port, name: `${name}/${port.name}` })),
    ],
    outputs: [onnxValueInfo(`${name}/continue`, 'bool', []), ...outputs.map(valueInfoOf)],
    valueInfo: emitter.valueInfo,
  });
}

function bodyOutput(emitter: Emitter, tensor: Tensor | undefined, name: string): Port {
  if (!tensor) throw new ShapeError(`loop: output '${name}' has no tensor`);
  emitter.bindOutput(tensor, name);
  return { name, dtype: tensor.dtype, shape: tensor.shape };
}

function checkState(step: StepSpec, inputs: readonly { readonly port: Port }[]): void {
  for (const [name, next] of step.state) {
    const port = inputs.find((input) => input.port.name === name)?.port;
    if (!port) throw new ShapeError(`loop: state '${name}' is not an input that the step uses`);
    if (!samePort(port, next)) {
      const expected = formatType(port.dtype, port.shape);
      throw new ShapeError(
        `loop: state '${name}' is ${expected}, its successor ${formatType(next.dtype, next.shape)}`,
      );
    }
  }
}
