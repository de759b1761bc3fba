import type { OpName, OpRule } from './graph.js';
import { attentionRule } from './ops/attention.js';
import { gatherColumnsRule, scatterAddColumnsRule } from './ops/columns.js';
import {
  addRule,
  divRule,
  erfRule,
  expRule,
  geluRule,
  logRule,
  mulRule,
  negRule,
  positiveRule,
  reluRule,
  reluSquaredRule,
  sqrtRule,
  subRule,
  tanhRule,
} from './ops/elementwise.js';
import {
  concatRule,
  expandRule,
  reduceSumRule,
  reshapeRule,
  splitRule,
  transposeRule,
} from './ops/layout.js';
import { linearRule, matMulRule } from './ops/linear.js';
import {
  decodedCrossEntropyRule,
  softmaxCrossEntropyGradientRule,
  softmaxCrossEntropyRule,
} from './ops/loss.js';
import { layerNormRule, softmaxRule } from './ops/normalisation.js';
import { rotaryRule } from './ops/rotary.js';
import {
  castRule,
  equalRule,
  gatherRowsRule,
  rowMaxRule,
  scatterAddRowsRule,
  sumSquaresRule,
} from './ops/select.js';
import { shiftRule } from './ops/shift.js';
import { afterRule, constantRule, inputRule, stopGradientRule } from './ops/source.js';

/** Every op there is. A total mapped type: an op without a rule does not compile. */
export const opTable: { readonly [Name in OpName]: OpRule<Name> } = {
  input: inputRule,
  constant: constantRule,
  add: addRule,
  sub: subRule,
  mul: mulRule,
  div: divRule,
  neg: negRule,
  exp: expRule,
  log: logRule,
  sqrt: sqrtRule,
  tanh: tanhRule,
  erf: erfRule,
  relu: reluRule,
  reluSquared: reluSquaredRule,
  positive: positiveRule,
  gelu: geluRule,
  equal: equalRule,
  cast: castRule,
  stopGradient: stopGradientRule,
  after: afterRule,
  matMul: matMulRule,
  linear: linearRule,
  reshape: reshapeRule,
  transpose: transposeRule,
  split: splitRule,
  concat: concatRule,
  expand: expandRule,
  shift: shiftRule,
  reduceSum: reduceSumRule,
  sumSquares: sumSquaresRule,
  rowMax: rowMaxRule,
  gatherRows: gatherRowsRule,
  scatterAddRows: scatterAddRowsRule,
  gatherColumns: gatherColumnsRule,
  scatterAddColumns: scatterAddColumnsRule,
  softmax: softmaxRule,
  layerNorm: layerNormRule,
  rotary: rotaryRule,
  attention: attentionRule,
  softmaxCrossEntropy: softmaxCrossEntropyRule,
  softmaxCrossEntropyGradient: softmaxCrossEntropyGradientRule,
  decodedCrossEntropy: decodedCrossEntropyRule,
};
