import type { Batched, Members } from "../operator.ts";
import type { Value } from "../value.ts";
import { reshapeTo } from "./broadcast.ts";
import { concat, split } from "./layout.ts";

/*
 * The convolutions of many members. With the same kernels for all the members are one batch; of the same images with
 * kernels of their own, they are the outputs of one convolution. With both of their own each has its convolution: as groups
 * of one, ONNX Runtime takes twice as long.
 */

/** Kernels [outputs, channels, ...kernel] of all members, one after the other. */
export function kernelsOf(weight: Batched, { along }: Members): Value {
  const [members, outputs, ...rest] = along(weight, 0).shape;
  return reshapeTo(along(weight, 0), [members! * outputs!, ...rest]);
}

/** The adjoint of `kernelsOf`. */
export function kernelsApart(kernels: Value, { count }: Members): Batched {
  const [outputs, ...rest] = kernels.shape;
  return { value: reshapeTo(kernels, [count, outputs! / count, ...rest]), axis: 0 };
}

/** Images [batch, ...] of all members as one batch [members * batch, ...]. */
export function asBatch(x: Batched, { along, count }: Members): Value {
  const [, batch, ...rest] = along(x, 0).shape;
  return reshapeTo(along(x, 0), [count * batch!, ...rest]);
}

/** The adjoint of `asBatch`. */
export function ofBatches(images: Value, { count }: Members): Batched {
  const [batch, ...rest] = images.shape;
  return { value: reshapeTo(images, [count, batch! / count, ...rest]), axis: 0 };
}

/** A function applied to each member in turn. */
export function eachMember(
  inputs: readonly Batched[],
  { along, count }: Members,
  apply: (values: readonly Value[]) => Value,
): Batched {
  const ones = Array<number>(count).fill(1);
  const parts = inputs.map((x) =>
    x.axis === undefined
      ? ones.map(() => x.value)
      : split(along(x, 0), ones, 0).map((part) => reshapeTo(part, part.shape.slice(1))),
  );
  const results = ones.map((_, member) => apply(parts.map((part) => part[member]!)));
  return {
    value: concat(
      results.map((y) => reshapeTo(y, [1, ...y.shape])),
      0,
    ),
    axis: 0,
  };
}
