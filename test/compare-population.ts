import { expect } from "vitest";
import type { Engine } from "../src/engine/index.ts";
import {
  constant,
  differentiate,
  input,
  multiply,
  reduceSum,
  type Shape,
  type Value,
} from "../src/graph/index.ts";
import { elements } from "../src/graph/internal.ts";
import { type Mode, Scope } from "../src/nn/index.ts";
import { Random } from "../src/random.ts";
import { evaluate } from "./evaluate.ts";

type Layer = (scope: Scope, x: Value) => Value;

export type Comparison = {
  /** In the layout of populations: [members, features, ..., batch]. */
  readonly population: Layer;
  /** The same for one member, [features, ..., batch], with weights of the same names and numbers. */
  readonly single: Layer;
  /** Shape of one member's x. */
  readonly x: Shape;
  /** All members see the same x. */
  readonly shared?: boolean;
  readonly mode?: Mode;
};

const members = 3;

/**
 * Runs a layer on a population whose members have different weights, and each member by itself: outputs, running
 * statistics and the gradients of weights and x have to agree.
 */
export async function comparePopulation(engine: Engine, comparison: Comparison): Promise<void> {
  const { population, single, x, shared = false, mode = "train" } = comparison;
  const random = new Random(5, "population", x.join());
  const draw = (size: number) => Array.from({ length: size }, () => random.normal());
  const scope = new Scope(mode, members);
  const together = trace(population, scope, input("x", shared ? x : [members, ...x]));
  const seed = draw(elements(together.y.shape));
  const feeds: Record<string, number[]> = { x: draw((shared ? 1 : members) * elements(x)), seed };
  for (const { name, shape } of scope.parameters) feeds[`w.${name}`] = draw(elements(shape));
  for (const { name, shape } of scope.statistics)
    feeds[`s.${name}`] = draw(elements(shape)).map((value) => 0.5 + value ** 2);
  const all = await evaluate(engine, together, feeds);
  const inputGradient = Array<number>(elements(x)).fill(0);
  for (let member = 0; member < members; member++) {
    const own = Object.entries(feeds).map(([name, values]) =>
      name === "x" && shared ? [name, values] : [name, share(values, member)],
    );
    const traced = trace(single, new Scope(mode), input("x", x));
    const alone = await evaluate(engine, traced, Object.fromEntries(own));
    expect(Object.keys(alone).sort()).toEqual(Object.keys(all).sort());
    for (const [name, values] of Object.entries(alone))
      if (name === "d.x" && shared) for (const [i, value] of values.entries()) inputGradient[i]! += value;
      else expectClose(share(all[name]!, member), values, `${name} of member ${member}`);
  }
  if (shared) expectClose(all["d.x"]!, inputGradient, "d.x");
}

/** Output, next running statistics, and the gradients of `seed` times the output. */
function trace(layer: Layer, scope: Scope, x: Value): Record<string, Value> & { y: Value } {
  const y = layer(scope, x);
  const outputs: Record<string, Value> & { y: Value } = { y };
  const named = [{ name: "x", value: x }, ...scope.parameters];
  const gradients = differentiate(
    reduceSum(multiply(y, input("seed", y.shape))),
    named.map(({ value }) => value),
  );
  for (const [index, { name, value }] of named.entries())
    outputs[`d.${name}`] = gradients[index] ?? constant(new Float32Array(elements(value.shape)), value.shape);
  for (const { name, next } of scope.statistics) outputs[`next.s.${name}`] = next;
  return outputs;
}

function share(values: readonly number[], member: number): number[] {
  const size = values.length / members;
  return values.slice(member * size, (member + 1) * size);
}

function expectClose(got: readonly number[], expected: readonly number[], what: string): void {
  expect(got.length, what).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  for (const [i, value] of expected.entries())
    if (!(Math.abs(got[i]! - value) < 3e-5 * (1 + largest)))
      expect(got[i], `${what}, element ${i}`).toBe(value);
}
