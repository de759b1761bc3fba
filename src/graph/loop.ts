import { formatType, ShapeError } from '../core/index.js';
import { encodeOnnx, onnxGraph, onnxModel, onnxNode, onnxValueInfo } from '../formats/index.js';
import { Emitter, inputPorts, OPSETS, type Port, type Program, samePort, valueInfoOf } from './emit.js';
import type { Tensor } from './graph.js';
import { verifyModel } from './verify.js';

/** One step of an iteration: what is carried, what is fed anew at every step, and what is reported. */
export interface StepSpec {
  /** State by the name of its input, with the tensor that replaces it after the step. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Names of the inputs that have another value at every step. */
  readonly perStep: readonly string[];
  /** What each step reports. */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** Suffix of the outputs that carry new state. */
export const NEXT = '/next';

/**
 * Compiles `iterations` steps into one program with an ONNX Loop. Inputs: the state, once; the per-step inputs with a
 * leading axis of `iterations`; anything else as it is. Outputs: the state after the last step, named with `/next`,
 * and each metric with a leading axis of `iterations`. State stays inside the run between steps, by reference.
 */
export function compileLoop(step: StepSpec, iterations: number): Program {
  const tensors = [...step.state.values(), ...Object.values(step.metrics)];
  const inputs = inputPorts(tensors);
  checkState(step, inputs);
  const isPerStep = (port: Port) => step.perStep.includes(port.name);
  const statePorts = inputs.map(({ port }) => port).filter((port) => step.state.has(port.name));

  const emitter = new Emitter();
  for (const { port, tensor } of inputs) {
    if (step.state.has(port.name)) emitter.bind(tensor, `body/${port.name}`);
    else if (isPerStep(port)) {
      emitter.node('Gather', [port.name, 'body/iteration'], [`body/${port.name}`], { axis: 0 });
      emitter.bind(tensor, `body/${port.name}`);
    } else emitter.bind(tensor, port.name);
  }
  const bodyOutputs: Port[] = [
    ...statePorts.map(({ name }) => bodyOutput(emitter, step.state.get(name), `body/${name}${NEXT}`)),
    ...Object.entries(step.metrics).map(([name, tensor]) => bodyOutput(emitter, tensor, `body/${name}`)),
  ];
  emitter.emitAll(tensors);
  emitter.node('Identity', ['body/condition'], ['body/continue']);

  const body = onnxGraph({
    name: 'step',
    nodes: emitter.nodes,
    inputs: [
      onnxValueInfo('body/iteration', 'int64', []),
      onnxValueInfo('body/condition', 'bool', []),
      ...statePorts.map((port) => valueInfoOf({ ...port, name: `body/${port.name}` })),
    ],
    outputs: [onnxValueInfo('body/continue', 'bool', []), ...bodyOutputs.map(valueInfoOf)],
    valueInfo: emitter.valueInfo,
  });

  const outerInputs = inputs.map(({ port }) =>
    isPerStep(port) ? { ...port, shape: [iterations, ...port.shape] } : port,
  );
  const outputs: Port[] = [
    ...statePorts.map((port) => ({ ...port, name: `${port.name}${NEXT}` })),
    ...Object.entries(step.metrics).map(([name, { dtype, shape }]) => ({
      name,
      dtype,
      shape: [iterations, ...shape],
    })),
  ];
  const loop = onnxNode(
    'Loop',
    [emitter.int64([iterations], []), '', ...statePorts.map((port) => port.name)],
    outputs.map((port) => port.name),
    { body: { graph: body } },
  );
  const model = onnxModel(
    onnxGraph({
      name: 'loop',
      nodes: [loop],
      inputs: outerInputs.map(valueInfoOf),
      outputs: outputs.map(valueInfoOf),
      initializers: emitter.initializers,
    }),
    OPSETS,
  );
  verifyModel(model);
  return { onnx: encodeOnnx(model), inputs: outerInputs, outputs };
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
