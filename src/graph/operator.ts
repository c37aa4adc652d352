import { MlrSnetError } from "../errors.ts";
import { show } from "../schedules/internal.ts";
import { checkTensor, type TensorType, type Value } from "./value.ts";

/** Plain data that, with the input shapes, says all of what a node computes; part of the lowering plan's key. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly number[]>>;

/** One application of an operator. */
export type Node<A extends Attributes = Attributes> = {
  readonly operator: Operator<A>;
  readonly inputs: readonly Value[];
  readonly attributes: A;
  readonly outputs: readonly Value[];
};

/** Attributes of an ONNX node; integers and lists of integers, `{ float }` for a float, strings. */
export type OnnxAttributes = Readonly<
  Record<string, number | string | readonly number[] | { readonly float: number } | undefined>
>;

/** Writes ONNX nodes; tensors are known by name. */
export type Emitter = {
  /** Appends a node and gives the names of its outputs; "" as an input stands for one left out. */
  node(
    type: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
    options?: { outputs?: number; domain?: string },
  ): string[];
  /** A float32 constant, shape [] unless given. */
  floats(data: readonly number[], shape?: readonly number[]): string;
  /** An int64 constant, shape [length] unless given. */
  integers(data: readonly number[], shape?: readonly number[]): string;
};

/** One way to write an operator in ONNX: takes the names of the inputs, gives those of the outputs. */
export type Lowering<A extends Attributes> = {
  /** Whether the way exists for this node on this provider; absent: everywhere. */
  readonly supports?: (node: Node<A>, provider: string) => boolean;
  /** The way needs a runtime whose blocked convolution layout has this many channels in a block. */
  readonly channelBlock?: number;
  readonly emit: (emitter: Emitter, node: Node<A>, inputs: readonly string[]) => string[];
};

/** A tensor of one member's graph as the graph of a population has it; undefined: the same for all members. */
export type Batched = { readonly value: Value; readonly axis: number | undefined };

/** What a batching rule needs of the population. */
export type Members = {
  readonly count: number;
  /** x with its members along `axis`; what is the same for all is repeated. */
  readonly along: (x: Batched, axis: number) => Value;
  /** x for a function that broadcasts to one member's `rank` axes, its members, if it has any, along `axis` of the result. */
  readonly aligned: (x: Batched, rank: number, axis: number) => Value;
};

/** From a node of one member's graph, and its inputs in that of a population (one of them with members), to its outputs there. */
export type BatchingRule<A extends Attributes> = (
  node: Node<A>,
  inputs: readonly Batched[],
  members: Members,
) => Batched[];

/** A function of tensors: its shape rule, its derivative, its form for many members and its ways to be written in ONNX. */
export type Operator<A extends Attributes = Attributes> = {
  readonly name: string;
  /** Types of the outputs; throws `SHAPE_MISMATCH` where the inputs do not fit. */
  readonly infer: (inputs: readonly Value[], attributes: A) => TensorType[];
  /**
   * From the gradients of the outputs (undefined where nothing depends on one) to those of the inputs
   * (undefined where none flows). Only inputs for which `wanted` is true are looked at. Absent: not differentiable.
   */
  readonly gradient?: (
    node: Node<A>,
    outputGradients: readonly (Value | undefined)[],
    wanted: readonly boolean[],
  ) => (Value | undefined)[];
  /**
   * The function applied to each member of a population by itself, along one more axis: jax's vmap. Absent: populations
   * are refused by the operator's name.
   */
  readonly batching?: BatchingRule<A>;
  /** The first is the default; where there are several, the engine measures them per shape. */
  readonly lowerings: Readonly<Record<string, Lowering<A>>>;
};

/**
 * Applies an operator: checks the inputs by its shape rule and gives its outputs.
 *
 * @throws {MlrSnetError} what the shape rule throws, with the operator's name; `INVALID_ARGUMENT` unless it is given an
 *   operator, tensors in a list and attributes.
 */
export function applyAll<A extends Attributes>(
  operator: Operator<A>,
  inputs: readonly Value[],
  attributes: A,
): Value[] {
  checkApplication(operator, inputs, attributes);
  const outputs: Value[] = [];
  const node: Node<A> = { operator, inputs, attributes, outputs };
  for (const type of inferred(operator, inputs, attributes))
    outputs.push({ ...type, source: { kind: "node", node: node as unknown as Node, index: outputs.length } });
  return outputs;
}

/** Users apply operators of their own, also from JavaScript. */
function checkApplication(operator: unknown, inputs: unknown, attributes: unknown): void {
  const { name, infer, lowerings } = Object(operator) as Partial<Operator>;
  if (typeof name !== "string" || typeof infer !== "function" || Object(lowerings) !== lowerings)
    throw unexpected("an operator, `{ name, infer, lowerings, … }`", operator);
  if (!Array.isArray(inputs)) throw unexpected(`the inputs of \`${name}\` in a list`, inputs);
  for (const value of inputs) checkTensor(name, value);
  if (Object(attributes) !== attributes)
    throw unexpected(`the attributes of \`${name}\` in an object, \`{}\` for none`, attributes);
}

function unexpected(expected: string, given: unknown): MlrSnetError {
  return new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${show(given)}.`);
}

/** What the shape rule says; whatever it throws becomes one error of ours. */
function inferred<A extends Attributes>(
  operator: Operator<A>,
  inputs: readonly Value[],
  attributes: A,
): TensorType[] {
  try {
    return operator.infer(inputs, attributes);
  } catch (cause) {
    const code = cause instanceof MlrSnetError ? cause.code : "INVALID_ARGUMENT";
    const shapes = inputs.map(({ shape }) => `[${shape}]`).join(", ") || "no inputs";
    const message =
      cause instanceof MlrSnetError
        ? cause.message
        : `Expected a shape rule for ${shapes} and ${show(attributes)}, but it throws: ${String(cause).split("\n")[0]}.`;
    throw new MlrSnetError(code, `Operator \`${operator.name}\`: ${message}`, { cause });
  }
}

/** Applies an operator that has one output. */
export function apply<A extends Attributes>(
  operator: Operator<A>,
  inputs: readonly Value[],
  attributes: A,
): Value {
  return applyAll(operator, inputs, attributes)[0]!;
}

/** An operator's only way: one ONNX node of the given type. */
export function onnxNode<A extends Attributes>(
  type: string,
  attributes?: (node: Node<A>) => OnnxAttributes,
): { readonly onnx: Lowering<A> } {
  return {
    onnx: { emit: (emitter, node, inputs) => emitter.node(type, inputs, attributes?.(node)) },
  };
}
