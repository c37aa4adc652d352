import { MlrSnetError } from "../errors.ts";
import { show } from "../schedules/internal.ts";
import { inserted, placed } from "./batching.ts";
import { topologicalOrder } from "./differentiate.ts";
import { applyAll, type Batched, type Members, type Node } from "./operator.ts";
import { broadcastTo, reshapeTo } from "./operators/broadcast.ts";
import { transpose } from "./operators/layout.ts";
import { checkTensor, elements, sameShape, shapeOf, type Value } from "./value.ts";

/**
 * The graph of one network as that of a population: each tensor that depends on what the members have of their own gets
 * one more axis for them, what they share is computed once. As jax's vmap.
 *
 * @param outputs of one member's graph.
 * @param own by tensors of that graph, what stands in their place, [members, ...shape] each.
 * @param members P ≥ 1.
 * @returns the outputs, [members, ...shape] each; one that all members share is repeated.
 * @throws {MlrSnetError} `NO_BATCHING` if an operator on the way has no batching rule; `SHAPE_MISMATCH` where what stands in
 * a tensor's place is not of its shape and type with the members in front; `INVALID_ARGUMENT`.
 */
export function vmap<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  own: ReadonlyMap<Value, Value>,
  members: number,
): Record<Name, Value> {
  checkGiven(outputs, own, members);
  const tools: Members = {
    count: members,
    along: (x, axis) => along(x, axis, members),
    aligned: (x, rank, axis) => aligned(x, rank, axis),
  };
  const known = new Map<Value, Batched>([...own].map(([value, given]) => [value, { value: given, axis: 0 }]));
  const batched = (value: Value): Batched => known.get(value) ?? { value, axis: undefined };
  for (const node of topologicalOrder(Object.values<Value>(outputs))) {
    const inputs = node.inputs.map(batched);
    for (const [index, output] of formOf(node, inputs, tools).entries())
      if (!known.has(node.outputs[index]!)) known.set(node.outputs[index]!, output);
  }
  const all = Object.entries<Value>(outputs).map(([name, value]) => [
    name,
    along(batched(value), 0, members),
  ]);
  return Object.fromEntries(all) as Record<Name, Value>;
}

function checkGiven(outputs: unknown, own: unknown, members: unknown): void {
  for (const value of Object.values(Object(outputs))) checkTensor("vmap", value);
  if (!(own instanceof Map))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`vmap\` to be given a Map from tensors to those of all members, got ${show(own)}.`,
    );
  if (!Number.isSafeInteger(members) || (members as number) < 1)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`members\` to be an integer ≥ 1, got ${show(members)}.`,
    );
  for (const [one, all] of own) {
    const [shape, given] = [shapeOf("vmap", one), shapeOf("vmap", all)];
    if (!sameShape(given, [members as number, ...shape]) || one.dataType !== all.dataType)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected ${one.dataType} [${[members, ...shape]}] in the place of [${shape}], got ${all.dataType} [${given}].`,
      );
  }
}

/** A node's outputs in the graph of the population. @throws {MlrSnetError} `NO_BATCHING` */
function formOf(node: Node, inputs: readonly Batched[], members: Members): Batched[] {
  const { operator, outputs, attributes } = node;
  if (inputs.some(({ axis }) => axis !== undefined)) {
    if (operator.batching) return operator.batching(node, inputs, members);
    throw new MlrSnetError("NO_BATCHING", `Operator \`${operator.name}\` has no form for a population.`);
  }
  const isSame = inputs.every(({ value }, index) => value === node.inputs[index]);
  const values = inputs.map(({ value }) => value);
  return placed(isSame ? outputs : applyAll(operator, values, attributes), undefined);
}

function along({ value, axis }: Batched, to: number, members: number): Value {
  if (axis === to) return value;
  if (axis === undefined) {
    const { shape } = value;
    return broadcastTo(reshapeTo(value, inserted(shape, to, 1)), inserted(shape, to, members));
  }
  const others = [...value.shape.keys()].toSpliced(axis, 1);
  // Axes of size 1 that the members pass change nothing of the memory.
  const between = axis < to ? value.shape.slice(axis + 1, to + 1) : value.shape.slice(to, axis);
  const order = inserted(others, to, axis);
  return elements(between) === 1
    ? reshapeTo(
        value,
        order.map((from) => value.shape[from]!),
      )
    : transpose(value, order);
}

function aligned(x: Batched, rank: number, axis: number): Value {
  const { shape } = x.value;
  if (x.axis === undefined) {
    const missing = rank - shape.length;
    return axis > missing ? reshapeTo(x.value, inserted(shape, axis - missing, 1)) : x.value;
  }
  const missing = rank + 1 - shape.length;
  const value = along(x, Math.max(0, axis - missing), shape[x.axis]!);
  const ones = Array<number>(missing).fill(1);
  if (axis >= missing) return reshapeTo(value, [...ones, ...value.shape]);
  const [members, ...rest] = value.shape;
  return reshapeTo(value, [...inserted(ones, axis, members!), ...rest]);
}
