import { MlrSnetError } from "../errors.ts";
import type { Node } from "./operator.ts";
import { add } from "./operators/arithmetic.ts";
import { scalar, type Value } from "./value.ts";

/** The nodes that the values are computed from, each after the nodes it uses. */
export function topologicalOrder(values: Iterable<Value>): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // A stack of our own: an unrolled network is deeper than the call stack.
  const stack: { node: Node; next: number }[] = [];
  const enter = (value: Value) => {
    if (value.source.kind !== "node" || seen.has(value.source.node)) return;
    seen.add(value.source.node);
    stack.push({ node: value.source.node, next: 0 });
  };
  for (const value of values) {
    enter(value);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.node.inputs[top.next++];
      if (child) enter(child);
      else order.push(stack.pop()!.node);
    }
  }
  return order;
}

/**
 * Reverse-mode differentiation: the gradient of a scalar with respect to each of `targets`, in the same graph language.
 *
 * A target that the scalar does not depend on has the gradient undefined.
 *
 * @param output a float32 scalar, shape [].
 * @throws {MlrSnetError} `SHAPE_MISMATCH` if `output` is no scalar; `NO_GRADIENT` if an operator on the path has none.
 */
export function differentiate(output: Value, targets: readonly Value[]): (Value | undefined)[] {
  if (output.shape.length !== 0)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected a scalar to differentiate, got shape [${output.shape}].`,
    );
  const order = topologicalOrder([output]);
  const needed = new Set<Value>(targets);
  for (const node of order)
    if (node.inputs.some((value) => needed.has(value))) for (const value of node.outputs) needed.add(value);
  const gradients = new Map<Value, Value>([[output, scalar(1)]]);
  for (const node of order.toReversed()) {
    const wanted = node.inputs.map((value) => needed.has(value));
    const outputGradients = node.outputs.map((value) => gradients.get(value));
    if (!wanted.includes(true) || outputGradients.every((gradient) => gradient === undefined)) continue;
    if (!node.operator.gradient)
      throw new MlrSnetError("NO_GRADIENT", `Operator \`${node.operator.name}\` has no gradient.`);
    for (const [index, gradient] of node.operator.gradient(node, outputGradients, wanted).entries()) {
      if (!gradient || !wanted[index]) continue;
      const value = node.inputs[index]!;
      const sum = gradients.get(value);
      gradients.set(value, sum ? add(sum, gradient) : gradient);
    }
  }
  return targets.map((target) => gradients.get(target));
}
