import { broadcastShapes } from '../../core/index.js';
import {
  applyOne,
  argument,
  type EmitContext,
  expectType,
  type OpNode,
  type OpRule,
  type Tensor,
  type TensorType,
} from '../graph.js';
import { mapArray, zipArrays } from '../ndarray.js';
import { scalar } from './source.js';

type BinaryName = 'add' | 'sub' | 'mul' | 'div';
type UnaryName = 'neg' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'erf' | 'relu' | 'positive' | 'gelu';

function inferBinary(name: BinaryName, inputs: readonly TensorType[]): TensorType[] {
  const a = argument(inputs, 0);
  const b = argument(inputs, 1);
  expectType(a.dtype === 'float32', name, 'argument 0', 'f32', a);
  const shape = broadcastShapes(a.shape, b.shape);
  expectType(
    b.dtype === 'float32' && !!shape,
    name,
    'argument 1',
    `f32 that broadcasts with [${a.shape}]`,
    b,
  );
  return [{ dtype: 'float32', shape: shape ?? [] }];
}

function binaryRule<Name extends BinaryName>(
  name: Name,
  onnxOp: string,
  f: (x: number, y: number) => number,
  gradient: (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor],
): OpRule<Name> {
  return {
    name,
    infer: (inputs) => inferBinary(name, inputs),
    emit: emitAs(onnxOp),
    gradient: ([dy], { inputs, outputs }) =>
      gradient(argument([dy], 0), argument(inputs, 0), argument(inputs, 1), argument(outputs, 0)),
    evaluate: (inputs) => [zipArrays(argument(inputs, 0), argument(inputs, 1), f)],
  };
}

function unaryRule<Name extends UnaryName>(
  name: Name,
  emit: (context: EmitContext, node: Pick<OpNode, 'inputs' | 'outputs'>) => void,
  f: (x: number) => number,
  gradient: (dy: Tensor, x: Tensor, y: Tensor) => Tensor | undefined,
  emitPortable?: OpRule<Name>['emitPortable'],
): OpRule<Name> {
  return {
    name,
    infer: (inputs) => {
      const x = argument(inputs, 0);
      expectType(x.dtype === 'float32', name, 'argument 0', 'f32', x);
      return [x];
    },
    emit,
    ...(emitPortable ? { emitPortable } : {}),
    gradient: ([dy], { inputs, outputs }) => [
      gradient(argument([dy], 0), argument(inputs, 0), argument(outputs, 0)),
    ],
    evaluate: (inputs) => [mapArray(argument(inputs, 0), f)],
  };
}

function emitAs(
  onnxOp: string,
  domain = '',
): (context: EmitContext, node: Pick<OpNode, 'inputs' | 'outputs'>) => void {
  return (context, node) =>
    context.node(onnxOp, node.inputs.map(context.name), node.outputs.map(context.name), {}, domain);
}

/** `Cast(x > 0)`: two passes, the first of which writes bytes only. */
function emitPositive(context: EmitContext, node: Pick<OpNode, 'inputs' | 'outputs'>): void {
  const mask = context.fresh('positive_mask');
  context.node('Greater', [context.name(argument(node.inputs, 0)), context.float(0)], [mask]);
  context.node('Cast', [mask], node.outputs.map(context.name), { to: 1 });
}

/** x / 2 (1 + erf(x / sqrt 2)), which ONNX Runtime fuses again. */
function emitGeluByErf(context: EmitContext, node: Pick<OpNode, 'inputs' | 'outputs'>): void {
  const x = context.name(argument(node.inputs, 0));
  const names = ['scaled', 'error_function', 'cumulative', 'twice'].map(context.fresh);
  const [scaled, errorFunction, cumulative, twice] = names as [string, string, string, string];
  context.node('Div', [x, context.float(Math.SQRT2)], [scaled]);
  context.node('Erf', [scaled], [errorFunction]);
  context.node('Add', [errorFunction, context.float(1)], [cumulative]);
  context.node('Mul', [x, cumulative], [twice]);
  context.node('Mul', [twice, context.float(0.5)], node.outputs.map(context.name));
}

/** The error function in double precision, by erf(x) = 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!! */
function erfReference(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) break;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const addRule = binaryRule(
  'add',
  'Add',
  (x, y) => x + y,
  (dy) => [dy, dy],
);
export const subRule = binaryRule(
  'sub',
  'Sub',
  (x, y) => x - y,
  (dy) => [dy, neg(dy)],
);
export const mulRule = binaryRule(
  'mul',
  'Mul',
  (x, y) => x * y,
  (dy, a, b) => [mul(dy, b), mul(dy, a)],
);
export const divRule = binaryRule(
  'div',
  'Div',
  (x, y) => x / y,
  (dy, _a, b, y) => [div(dy, b), neg(div(mul(dy, y), b))],
);

export const negRule = unaryRule(
  'neg',
  emitAs('Neg'),
  (x) => -x,
  (dy) => neg(dy),
);
export const expRule = unaryRule('exp', emitAs('Exp'), Math.exp, (dy, _x, y) => mul(dy, y));
export const logRule = unaryRule('log', emitAs('Log'), Math.log, (dy, x) => div(dy, x));
export const sqrtRule = unaryRule('sqrt', emitAs('Sqrt'), Math.sqrt, (dy, _x, y) => div(scale(dy, 0.5), y));
export const tanhRule = unaryRule('tanh', emitAs('Tanh'), Math.tanh, (dy, _x, y) =>
  mul(dy, sub(scalar(dy.node.graph, 1), mul(y, y))),
);
export const erfRule = unaryRule('erf', emitAs('Erf'), erfReference, (dy, x) =>
  mul(dy, scale(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
);
export const reluRule = unaryRule(
  'relu',
  emitAs('Relu'),
  (x) => Math.max(x, 0),
  (dy, x) => mul(dy, positive(x)),
);
/**
 * relu(x) squared (So et al. 2021, "Primer"), with relu(x) as a second output that carries no gradient of its own: the
 * derivative 2 relu(x) then takes two passes over memory instead of six.
 */
export const reluSquaredRule: OpRule<'reluSquared'> = {
  name: 'reluSquared',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    expectType(x.dtype === 'float32', 'reluSquared', 'argument 0', 'f32', x);
    return [x, x];
  },
  emit: (context, node) => {
    const [square, rectified] = node.outputs.map(context.name) as [string, string];
    context.node('Relu', node.inputs.map(context.name), [rectified]);
    context.node('Mul', [rectified, rectified], [square]);
  },
  gradient: ([dy], { outputs }) => [dy && scale(mul(dy, argument(outputs, 1)), 2)],
  evaluate: (inputs) => {
    const rectified = mapArray(argument(inputs, 0), (x) => Math.max(x, 0));
    return [mapArray(rectified, (x) => x * x), rectified];
  },
};
/** 1 where x > 0, else 0: the derivative of relu; its own derivative is zero everywhere it exists. */
export const positiveRule = unaryRule(
  'positive',
  emitPositive,
  (x) => (x > 0 ? 1 : 0),
  () => undefined,
);
export const geluRule = unaryRule(
  'gelu',
  emitAs('Gelu', 'com.microsoft'),
  (x) => 0.5 * x * (1 + erfReference(x / Math.SQRT2)),
  (dy, x) => mul(dy, geluDerivative(x)),
  emitGeluByErf,
);

/** d gelu(x) / dx = Phi(x) + x phi(x), with the standard normal's distribution and density. */
function geluDerivative(x: Tensor): Tensor {
  const cumulative = addScalar(scale(erf(scale(x, Math.SQRT1_2)), 0.5), 0.5);
  const density = scale(exp(scale(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(cumulative, mul(x, density));
}

/** a + b, broadcasting. */
export function add(a: Tensor, b: Tensor): Tensor {
  return applyOne(addRule, [a, b], {});
}

/** a - b, broadcasting. */
export function sub(a: Tensor, b: Tensor): Tensor {
  return applyOne(subRule, [a, b], {});
}

/** a * b elementwise, broadcasting. */
export function mul(a: Tensor, b: Tensor): Tensor {
  return applyOne(mulRule, [a, b], {});
}

/** a / b elementwise, broadcasting. */
export function div(a: Tensor, b: Tensor): Tensor {
  return applyOne(divRule, [a, b], {});
}

/** x times a number. */
export function scale(x: Tensor, factor: number): Tensor {
  return mul(x, scalar(x.node.graph, factor));
}

/** x plus a number. */
export function addScalar(x: Tensor, term: number): Tensor {
  return add(x, scalar(x.node.graph, term));
}

/** -x. */
export function neg(x: Tensor): Tensor {
  return applyOne(negRule, [x], {});
}

/** e to the power x. */
export function exp(x: Tensor): Tensor {
  return applyOne(expRule, [x], {});
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return applyOne(logRule, [x], {});
}

/** Square root. */
export function sqrt(x: Tensor): Tensor {
  return applyOne(sqrtRule, [x], {});
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return applyOne(tanhRule, [x], {});
}

/** The error function. */
export function erf(x: Tensor): Tensor {
  return applyOne(erfRule, [x], {});
}

/** max(x, 0). */
export function relu(x: Tensor): Tensor {
  return applyOne(reluRule, [x], {});
}

/** 1 where x > 0, else 0. */
export function positive(x: Tensor): Tensor {
  return applyOne(positiveRule, [x], {});
}

/** x times the standard normal distribution function of x (Hendrycks & Gimpel 2016), exact by erf. */
export function gelu(x: Tensor): Tensor {
  return applyOne(geluRule, [x], {});
}

/** relu(x) squared (So et al. 2021, "Primer"). */
export function reluSquared(x: Tensor): Tensor {
  return applyOne(reluSquaredRule, [x], {});
}
