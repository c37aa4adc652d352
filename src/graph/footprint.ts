import { topologicalOrder } from "./differentiate.ts";
import { checkTensor, elements, type Value } from "./value.ts";

/** Operators whose outputs are their inputs' memory. */
const views = ["reshape", "stopGradient"];

/** How many numbers the graph computes in all: about what it holds in memory at once at the most, as 4 bytes each. */
export function footprint(outputs: Readonly<Record<string, Value>>): number {
  const values = Object.values(Object(outputs) as typeof outputs);
  for (const value of values) checkTensor("footprint", value);
  let sum = 0;
  for (const { operator, outputs: computed } of topologicalOrder(values))
    if (!views.includes(operator.name)) for (const { shape } of computed) sum += elements(shape);
  return sum;
}

/**
 * How many numbers the graph has in memory at once at the most, where each is dropped after its last use: an estimate, since
 * a runtime orders, fuses and keeps as it likes. Inputs and constants are not counted.
 */
export function liveFootprint(outputs: Readonly<Record<string, Value>>): number {
  const wanted = Object.values(Object(outputs) as typeof outputs);
  for (const value of wanted) checkTensor("liveFootprint", value);
  const order = topologicalOrder(wanted);
  /** By the first output of a node, the value whose memory it is. */
  const owners = new Map<Value, Value>();
  const ownerOf = (value: Value): Value => owners.get(value) ?? value;
  const lastUse = new Map<Value, number>();
  for (const [index, { operator, inputs, outputs: computed }] of order.entries()) {
    for (const value of inputs) lastUse.set(ownerOf(value), index);
    if (views.includes(operator.name)) owners.set(computed[0]!, ownerOf(inputs[0]!));
  }
  for (const value of wanted) lastUse.set(ownerOf(value), order.length);
  let [live, most] = [0, 0];
  const dropped = new Map<number, Value[]>();
  for (const [index, { operator, outputs: computed }] of order.entries()) {
    if (!views.includes(operator.name))
      for (const value of computed) {
        live += elements(value.shape);
        const end = lastUse.get(value) ?? index;
        dropped.set(end, [...(dropped.get(end) ?? []), value]);
      }
    most = Math.max(most, live);
    for (const { shape } of dropped.get(index) ?? []) live -= elements(shape);
  }
  return most;
}
