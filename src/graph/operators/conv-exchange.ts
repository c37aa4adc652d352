import type { Emitter } from "../operator.ts";

/** [a, b, ...] as [b, a, ...]: what Transpose does, but Gather copies the rows with all threads. */
export function exchange(
  emitter: Emitter,
  x: string,
  [a, b, ...rest]: readonly [number, number, ...number[]],
): string {
  const order = Array.from({ length: a * b }, (_, i) => (i % a) * b + Math.floor(i / a));
  const [rows] = emitter.node("Reshape", [x, emitter.integers([a * b, ...rest])]);
  const [exchanged] = emitter.node("Gather", [rows!, emitter.integers(order)], { axis: 0 });
  return emitter.node("Reshape", [exchanged!, emitter.integers([b, a, ...rest])])[0]!;
}
