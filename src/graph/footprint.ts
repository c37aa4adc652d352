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
