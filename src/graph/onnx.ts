import { MlrSnetError } from "../errors.ts";
import { topologicalOrder } from "./differentiate.ts";
import type { Emitter, Lowering, Node, OnnxAttributes } from "./operator.ts";
import { ProtobufWriter } from "./protobuf.ts";
import { type DataType, sameShape, type Value } from "./value.ts";

/** Numbers of TensorProto.DataType in onnx.proto. */
const dataTypeNumbers: Record<DataType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const irVersion = 8;
const opsets: [domain: string, version: number][] = [
  ["", 17],
  ["com.microsoft", 1],
  ["com.microsoft.nchwc", 1],
];

/** Says which way to write a node; the default is the operator's first. */
export type LoweringChoice = (node: Node) => Lowering<Node["attributes"]>;

/**
 * Encodes a graph as an ONNX model (IR version 8, opset 17, with the fused operators of `com.microsoft`).
 *
 * Only what the outputs depend on is written; equal nodes are written once.
 *
 * @param outputs by name. @returns the bytes of a ModelProto, and the inputs that the outputs depend on.
 * Inputs and outputs may have any names: those of the tensors in between are none of theirs.
 *
 * @throws {MlrSnetError} `SHAPE_MISMATCH` if two inputs of one name differ in shape or type; `INVALID_ARGUMENT` if an output
 * has an input's name, or a name is empty.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function encodeModel(
  outputs: Readonly<Record<string, Value>>,
  choose: LoweringChoice = (node) => Object.values(node.operator.lowerings)[0]!,
): { model: Uint8Array; inputs: Map<string, Value> } {
  const order = topologicalOrder(Object.values(outputs));
  const writer = new GraphWriter(namesGiven(order, outputs));
  const inputs = new Map<string, Value>();
  const names = new Map<Value, string>();
  const nameOf = (value: Value): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    if (value.source.kind === "node") throw new Error("a node is written before its inputs");
    const name =
      value.source.kind === "input" ? value.source.name : writer.constant(value, value.source.data);
    if (value.source.kind === "input") inputs.set(name, sameTypeOrThrow(name, value, inputs.get(name)));
    names.set(value, name);
    return name;
  };
  for (const node of order) {
    const results = choose(node).emit(writer, node, node.inputs.map(nameOf));
    for (const [index, value] of node.outputs.entries()) names.set(value, results[index]!);
  }
  const graph = new ProtobufWriter();
  for (const [name, value] of Object.entries(outputs)) writer.nameOutput(nameOf(value), name);
  writer.writeTo(graph);
  graph.text(2, "mlr-snet");
  for (const [name, value] of inputs) graph.message(11, valueInfo(name, value));
  for (const [name, value] of Object.entries(outputs)) graph.message(12, valueInfo(name, value));
  const model = new ProtobufWriter().integer(1, irVersion).text(2, "mlr-snet").message(7, graph);
  for (const [domain, version] of opsets)
    model.message(8, new ProtobufWriter().text(1, domain).integer(2, version));
  return { model: model.finish(), inputs };
}

/** The names that the caller has given to inputs and outputs. */
function namesGiven(order: readonly Node[], outputs: Readonly<Record<string, Value>>): Set<string> {
  const values = [...order.flatMap(({ inputs }) => inputs), ...Object.values(outputs)];
  const names = new Set(values.flatMap(({ source }) => (source.kind === "input" ? [source.name] : [])));
  for (const name of Object.keys(outputs)) {
    if (names.has(name))
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected outputs of a graph to be named otherwise than its inputs, got \`${name}\` for both: give the output another name.`,
      );
  }
  for (const name of Object.keys(outputs)) names.add(name);
  if (names.has(""))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      "Expected a name for each input and output of a graph, got an empty one.",
    );
  return names;
}

type OnnxNode = {
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: OnnxAttributes;
  domain: string;
};

/** Two inputs of one name are one tensor, so they have one type. */
function sameTypeOrThrow(name: string, value: Value, known: Value = value): Value {
  if (sameShape(value.shape, known.shape) && value.dataType === known.dataType) return known;
  throw new MlrSnetError(
    "SHAPE_MISMATCH",
    `Expected the input \`${name}\` to be ${known.dataType} [${known.shape}] everywhere, got ${value.dataType} [${value.shape}].`,
  );
}

/** Collects the nodes and constants of a GraphProto; equal ones are shared. */
class GraphWriter implements Emitter {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: ProtobufWriter[] = [];
  readonly #shared = new Map<string, string[]>();
  readonly #made = new Set<string>();
  readonly #renamed = new Map<string, string>();
  readonly #taken: ReadonlySet<string>;
  #count = 0;

  /** @param taken names that are not to be made. */
  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken;
  }

  node(
    type: string,
    inputs: readonly string[],
    attributes: OnnxAttributes = {},
    { outputs = 1, domain = "" }: { outputs?: number; domain?: string } = {},
  ): string[] {
    return this.#share(JSON.stringify([domain, type, inputs, attributes, outputs]), () => {
      const names = Array.from({ length: outputs }, () => this.#newName());
      for (const name of names) this.#made.add(name);
      this.#nodes.push({ type, inputs, outputs: names, attributes, domain });
      return names;
    });
  }

  floats(data: readonly number[], shape: readonly number[] = []): string {
    return this.#tensor("float32", Float32Array.from(data), shape);
  }

  integers(data: readonly number[], shape: readonly number[] = [data.length]): string {
    return this.#tensor("int64", BigInt64Array.from(data.map(BigInt)), shape);
  }

  constant(value: Value, data: readonly number[] | Float32Array): string {
    if (value.dataType === "int64") return this.integers([...data], value.shape);
    if (value.dataType === "bool") return this.#tensor("bool", Uint8Array.from(data), value.shape);
    const array = value.dataType === "int32" ? Int32Array.from(data) : Float32Array.from(data);
    return this.#tensor(value.dataType, array, value.shape);
  }

  /**
   * Makes a tensor an output of the graph. The node that makes it writes under the output's name, so that a
   * preallocated output is written in place; an input, a constant or a second name of one tensor needs a copy.
   */
  nameOutput(name: string, output: string): void {
    if (this.#made.has(name) && !this.#renamed.has(name)) this.#renamed.set(name, output);
    else
      this.#nodes.push({ type: "Identity", inputs: [name], outputs: [output], attributes: {}, domain: "" });
  }

  writeTo(graph: ProtobufWriter): void {
    const rename = (name: string) => this.#renamed.get(name) ?? name;
    for (const node of this.#nodes)
      graph.message(
        1,
        nodeProto({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }),
      );
    for (const tensor of this.#constants) graph.message(5, tensor);
  }

  #tensor(dataType: DataType, data: ArrayBufferView, shape: readonly number[]): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return this.#share(JSON.stringify(["constant", dataType, shape, [...bytes]]), () => {
      const name = this.#newName();
      this.#constants.push(
        new ProtobufWriter()
          .integers(1, shape)
          .integer(2, dataTypeNumbers[dataType])
          .text(8, name)
          .bytes(9, bytes),
      );
      return [name];
    })[0]!;
  }

  #newName(): string {
    for (;;) {
      const name = `_${this.#count++}`;
      if (!this.#taken.has(name)) return name;
    }
  }

  #share(key: string, make: () => string[]): string[] {
    const known = this.#shared.get(key);
    if (known) return known;
    const names = make();
    this.#shared.set(key, names);
    return names;
  }
}

function nodeProto({ type, inputs, outputs, attributes, domain }: OnnxNode): ProtobufWriter {
  const node = new ProtobufWriter();
  for (const name of inputs) node.text(1, name);
  for (const name of outputs) node.text(2, name);
  node.text(4, type);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const attribute = new ProtobufWriter().text(1, name);
    if (typeof value === "number") attribute.integer(3, value).integer(20, 2);
    else if (typeof value === "string") attribute.text(4, value).integer(20, 3);
    else if ("float" in value) attribute.float(2, value.float).integer(20, 1);
    else attribute.integers(8, value).integer(20, 7);
    node.message(5, attribute);
  }
  return domain ? node.text(7, domain) : node;
}

function valueInfo(name: string, { shape, dataType }: Value): ProtobufWriter {
  const sizes = new ProtobufWriter();
  for (const size of shape) sizes.message(1, new ProtobufWriter().integer(1, size));
  const tensor = new ProtobufWriter().integer(1, dataTypeNumbers[dataType]).message(2, sizes);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
}
