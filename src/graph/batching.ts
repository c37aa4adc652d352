import { type Attributes, applyAll, type Batched, type BatchingRule, type Node } from "./operator.ts";
import type { Shape, Value } from "./value.ts";

/* Batching rules that many operators share. `axis` is where a tensor has its members; see `BatchingRule`. */

/** Of a function of each element alone: the members stay where they are. */
export function elementwise<A extends Attributes>(
  { operator, attributes }: Node<A>,
  [x]: readonly Batched[],
): Batched[] {
  return placed(applyAll(operator, [x!.value], attributes), x!.axis);
}

/** Of a function with broadcasting: all inputs get their members along the axis where the largest one has them. */
export function broadcasting<A extends Attributes>(
  ...[node, inputs, members]: Parameters<BatchingRule<A>>
): Batched[] {
  const rank = node.outputs[0]!.shape.length;
  const largest = inputs.findIndex(
    ({ axis }, index) => axis !== undefined && node.inputs[index]!.shape.length === rank,
  );
  const axis = inputs[largest]?.axis ?? 0;
  const values = inputs.map((x) => members.aligned(x, rank, axis));
  return placed(applyAll(node.operator, values, node.attributes), axis);
}

/** Of a function along one axis that stays where it is: the axis behind that of the members moves on. */
export function alongOneAxis<A extends Attributes & { readonly axis: number }>(
  { operator, attributes }: Node<A>,
  [x]: readonly Batched[],
): Batched[] {
  const axis = shifted(attributes.axis, x!.axis!);
  return placed(applyAll(operator, [x!.value], { ...attributes, axis }), x!.axis);
}

/** Of a reduction over `axes`. */
export function reducing<
  A extends Attributes & { readonly axes: readonly number[]; keepDimensions: boolean },
>({ operator, attributes }: Node<A>, [x]: readonly Batched[]): Batched[] {
  const { axes, keepDimensions } = attributes;
  const dropped = keepDimensions ? 0 : axes.filter((axis) => axis < x!.axis!).length;
  const moved = axes.map((axis) => shifted(axis, x!.axis!));
  return placed(applyAll(operator, [x!.value], { ...attributes, axes: moved }), x!.axis! - dropped);
}

/** An axis of one member, in a tensor with members along `members`. */
export function shifted(axis: number, members: number): number {
  return axis < members ? axis : axis + 1;
}

/** All outputs with their members along one axis. */
export function placed(values: readonly Value[], axis: number | undefined): Batched[] {
  return values.map((value) => ({ value, axis }));
}

/** The shape with another size put in at an axis. */
export function inserted(shape: Shape, axis: number, size: number): number[] {
  return shape.toSpliced(axis, 0, size);
}

/** [batch, members, channels, ...] as [batch, members * channels, ...]. */
export function joined([batch, members, channels, ...rest]: Shape): number[] {
  return [batch!, members! * channels!, ...rest];
}
