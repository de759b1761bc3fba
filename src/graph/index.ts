/**
 * Symbolic tensors with checked shapes, reverse-mode autodiff, optimizer steps, and emission to ONNX.
 *
 * A model is written once, forward, with the builder functions below; `gradients` adds its backward to the same
 * graph; `compileProgram` and `compileStep` turn outputs into ONNX bytes that have passed the verifier.
 */
export { gradients } from './autodiff.js';
export { compileProgram, OPSETS, type Port, type Program } from './emit.js';
export { evaluate } from './evaluate.js';
export { countUses, type DraftNode, type Initializer, type OnnxDraft } from './export/draft.js';
export { type DraftWeight, type DynamicModel, draftDynamic } from './export/dynamic.js';
export { type EncodedModel, type EncodeOptions, EXPORT_OPSET, encodeDraft } from './export/encode.js';
export { halveWeights } from './export/halve.js';
export { quantizeWeights } from './export/quantize.js';
export type { DynamicSize } from './export/sizes.js';
export { type ConstantData, Graph, type NdArray, type Tensor, type TensorType } from './graph.js';
export { MUON_INPUTS, type MuonOptions, muon, muonFlops } from './muon.js';
export { opTable } from './op-table.js';
export { attention } from './ops/attention.js';
export { gatherColumns, scatterAddColumns } from './ops/columns.js';
export {
  add,
  addScalar,
  div,
  erf,
  exp,
  gelu,
  log,
  mul,
  neg,
  positive,
  relu,
  reluSquared,
  scale,
  sqrt,
  sub,
  tanh,
} from './ops/elementwise.js';
export { concat, expand, reduceSum, reshape, split, sumToShape, transpose } from './ops/layout.js';
export { linear, matMul } from './ops/linear.js';
export { softmaxCrossEntropy } from './ops/loss.js';
export { layerNorm, meanAll, softmax } from './ops/normalisation.js';
export { rotary } from './ops/rotary.js';
export {
  cast,
  equal,
  flatten,
  gatherRows,
  rowMax,
  scatterAddRows,
  sumSquares,
} from './ops/select.js';
export { shift } from './ops/shift.js';
export { constant, input, scalar, stopGradient } from './ops/source.js';
export {
  type AdamWOptions,
  type AdamWScalars,
  adamWScalars,
  clipByNorm,
  type Descent,
  descentState,
  descents,
  globalNorm,
  momentName,
  type Parameter,
} from './optimizer.js';
export { compileStep, GRADIENT, NEXT, type StepSpec } from './step.js';
export { verifyModel } from './verify.js';
