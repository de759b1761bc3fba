import { FormatError } from '../core/index.js';
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from '../formats/index.js';

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

/**
 * Checks an ONNX model before a back end sees it: single assignment (in subgraphs too), every name defined before it
 * is used, every output produced, every operator domain imported, initializers as long as their shape says, declared
 * shapes fixed, and no ScatterND(add), which races on CPU. Throws a FormatError that names the node.
 */
export function verifyModel(model: ModelProto): void {
  if (!model.graph) throw new FormatError('the model has no graph');
  const domains = new Set(model.opsetImport.map((opset) => opset.domain));
  verifyGraph(model.graph, domains);
}

function verifyGraph(graph: GraphProto, domains: ReadonlySet<string>, outer?: Scope): void {
  const scope = new Scope(outer);
  const where = `graph '${graph.name}'`;
  for (const initializer of graph.initializer) {
    scope.define(initializer.name, where);
    verifyInitializer(initializer, where);
  }
  for (const input of graph.input) {
    scope.define(input.name, where);
    verifyFixedShape(input, where);
  }
  for (const node of graph.node) verifyNode(node, scope, domains);
  for (const output of graph.output) {
    if (!scope.has(output.name)) throw new FormatError(`${where}: output '${output.name}' is never produced`);
    verifyFixedShape(output, where);
  }
}

function verifyNode(node: NodeProto, scope: Scope, domains: ReadonlySet<string>): void {
  const where = `node '${node.name}'`;
  if (!domains.has(node.domain))
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
  for (const attribute of node.attribute) if (attribute.g) verifyGraph(attribute.g, domains, scope);
  for (const name of node.output) if (name !== '') scope.define(name, where);
}

function verifyFixedShape(info: ValueInfoProto, where: string): void {
  const type = info.type?.value;
  const dims = type?.case === 'tensorType' ? type.value.shape?.dim : undefined;
  if (!dims) throw new FormatError(`${where}: '${info.name}' has no tensor shape`);
  const isFixed = dims.every((dim) => dim.value.case === 'dimValue' && dim.value.value >= 0n);
  if (!isFixed) throw new FormatError(`${where}: '${info.name}' has a dimension that is not fixed`);
}

const ITEM_BYTES: Readonly<Record<number, number>> = { 1: 4, 6: 4, 7: 8, 9: 1 };

function verifyInitializer(tensor: GraphProto['initializer'][number], where: string): void {
  const count = tensor.dims.reduce((product, size) => product * Number(size), 1);
  const expected = count * (ITEM_BYTES[tensor.dataType] ?? Number.NaN);
  if (tensor.rawData.length !== expected) {
    throw new FormatError(
      `${where}: initializer '${tensor.name}' of shape [${tensor.dims}] needs ${expected} bytes, has ${tensor.rawData.length}`,
    );
  }
}
