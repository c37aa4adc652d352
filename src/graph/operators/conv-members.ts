import type { Batched, Members } from "../operator.ts";
import type { Value } from "../value.ts";
import { reshapeTo } from "./broadcast.ts";

/*
 * How the convolutions of many members are one. With kernels of their own the members are groups of channels: of x
 * [batch, members * channels, ...], each group has its own kernels. With the same kernels for all they are one batch.
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
