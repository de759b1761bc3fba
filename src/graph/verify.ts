import { FormatError } from '../core/index.js';
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../formats/index.js';

/** Names visible in a graph: its own, and for a subgraph those of the graphs around it. */
class Scope {
  private readonly own = new Set<string>();

  constructor(private readonly outer?: Scope) {}

  has(name: string): boolean {
    return this.own.has(name) || (this.outer?.has(name) ?? false);
  }

  define(name: string, where: string): void {
    if (this.has(name)) throw new FormatError(`${where}: '${name}' is assigned a second time`);
    this.own.add(name);
  }
}

/** What a model that leaves Lacuna may have, and one that Lacuna runs may not. */
export interface VerifyOptions {
  /** Names that a declared dimension may have instead of a size; an input has to define each. */
  readonly dynamicSizes?: ReadonlySet<string>;
  /** Size of the file that holds weights outside the model. */
  readonly externalBytes?: number;
}

interface Rules extends VerifyOptions {
  readonly domains: ReadonlySet<string>;
}

/**
 * Checks an ONNX model before a back end sees it: single assignment (in subgraphs too), every name defined before it
 * is used, every output produced, every operator domain imported, initializers as long as their shape says and inside
 * their file, declared shapes fixed (or named by an input, where that is allowed), and no ScatterND(add), which races
 * on CPU. Throws a FormatError that names the node.
 */
export function verifyModel(model: ModelProto, options: VerifyOptions = {}): void {
  if (!model.graph) throw new FormatError('the model has no graph');
  const domains = new Set(model.opsetImport.map((opset) => opset.domain));
  verifyGraph(model.graph, { ...options, domains });
}

/** Inputs of a Loop's body before those that it carries: the iteration and the condition. */
const LOOP_INPUTS = 2;

/** `uncarried`: how many of the inputs must have a shape; those after them are carried by a loop and may change theirs. */
function verifyGraph(
  graph: GraphProto,
  rules: Rules,
  { outer, uncarried = graph.input.length }: { outer?: Scope; uncarried?: number } = {},
): void {
  const scope = new Scope(outer);
  const where = `graph '${graph.name}'`;
  for (const initializer of graph.initializer) {
    scope.define(initializer.name, where);
    verifyInitializer(initializer, rules.externalBytes ?? 0, where);
  }
  for (const [index, input] of graph.input.entries()) {
    scope.define(input.name, where);
    if (index < uncarried || hasShape(input)) verifyShape(input, rules, where);
  }
  for (const node of graph.node) verifyNode(node, scope, rules);
  for (const output of graph.output) {
    if (!scope.has(output.name)) throw new FormatError(`${where}: output '${output.name}' is never produced`);
    verifyShape(output, rules, where);
  }
}

function verifyNode(node: NodeProto, scope: Scope, rules: Rules): void {
  const where = `node '${node.name}'`;
  if (!rules.domains.has(node.domain))
    throw new FormatError(`${where}: operator set '${node.domain}' is not imported`);
  for (const name of node.input) {
    if (name !== '' && !scope.has(name))
      throw new FormatError(`${where}: input '${name}' is not defined before it`);
  }
  const reduction = node.attribute.find((attribute) => attribute.name === 'reduction');
  if (node.opType === 'ScatterND' && reduction && new TextDecoder().decode(reduction.s) !== 'none') {
    throw new FormatError(
      `${where}: ScatterND with a reduction races when indices repeat; use ScatterElements`,
    );
  }
  const carrying = node.opType === 'Loop' ? { uncarried: LOOP_INPUTS } : {};
  for (const { g } of node.attribute) if (g) verifyGraph(g, rules, { outer: scope, ...carrying });
  for (const name of node.output) if (name !== '') scope.define(name, where);
}

function hasShape({ type }: ValueInfoProto): boolean {
  return type?.value.case === 'tensorType' && type.value.value.shape !== undefined;
}

function verifyShape(info: ValueInfoProto, { dynamicSizes }: Rules, where: string): void {
  const type = info.type?.value;
  const dims = type?.case === 'tensorType' ? type.value.shape?.dim : undefined;
  if (!dims) throw new FormatError(`${where}: '${info.name}' has no tensor shape`);
  const isKnown = dims.every(({ value }) =>
    value.case === 'dimParam'
      ? dynamicSizes?.has(value.value)
      : value.case === 'dimValue' && value.value >= 0n,
  );
  if (!isKnown) throw new FormatError(`${where}: '${info.name}' has a dimension that is not fixed`);
}

/** Bytes of an element, by ONNX's number of the type. */
const ITEM_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2 };

function verifyInitializer(tensor: TensorProto, externalBytes: number, where: string): void {
  const count = tensor.dims.reduce((product, size) => product * Number(size), 1);
  const expected = count * (ITEM_BYTES[tensor.dataType] ?? Number.NaN);
  const entry = (key: string) => Number(tensor.externalData.find((pair) => pair.key === key)?.value);
  const isExternal = tensor.externalData.length > 0;
  const length = isExternal ? entry('length') : tensor.rawData.length;
  if (length !== expected) {
    throw new FormatError(
      `${where}: initializer '${tensor.name}' of shape [${tensor.dims}] needs ${expected} bytes, has ${length}`,
    );
  }
  if (isExternal && !(entry('offset') >= 0 && entry('offset') + length <= externalBytes)) {
    throw new FormatError(
      `${where}: initializer '${tensor.name}' lies outside its file of ${externalBytes} bytes`,
    );
  }
}
