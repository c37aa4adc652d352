import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { type EvolutionOptions, EvolutionStrategy } from "./evolution-strategy.ts";
import { centredRanks } from "./rank-shaping.ts";

const options: EvolutionOptions = { pairs: 8, sigma: 0.1, learningRate: 0.05, seed: 3 };
const target = Float64Array.of(1, -2, 0.5);
/** A noisy bowl: the noise is the same for all candidates of a generation, as common random numbers make it. */
const lossOf = (theta: Float64Array, noise: number) =>
  noise + theta.reduce((sum, value, k) => sum + (value - target[k]!) ** 2, 0);

function run(strategy: EvolutionStrategy, generations: number): void {
  for (let count = 0; count < generations; count++) {
    const noise = new Random(9, strategy.generation).normal() * 10;
    strategy.tell(strategy.ask().map((theta) => lossOf(theta, noise)));
  }
}

describe("centredRanks", () => {
  it("gives the best -0.5, the worst 0.5, equal losses the same, and what is not finite the worst place", () => {
    expect(centredRanks([3, 1, 2])).toEqual([0.5, -0.5, 0]);
    expect(centredRanks([1, 1, 2])).toEqual([-0.25, -0.25, 0.5]);
    expect(centredRanks([Number.NaN, 5, Number.POSITIVE_INFINITY])).toEqual([0.25, -0.5, 0.25]);
    expect(centredRanks([7])).toEqual([0]);
  });
});

describe("EvolutionStrategy", () => {
  it("asks for antithetic candidates: each pair lies evenly around θ", () => {
    const strategy = new EvolutionStrategy(options, Float64Array.of(1, 2, 3));
    const candidates = strategy.ask();
    expect(candidates).toHaveLength(16);
    for (let pair = 0; pair < 8; pair++)
      for (let k = 0; k < 3; k++)
        expect((candidates[2 * pair]![k]! + candidates[2 * pair + 1]![k]!) / 2).toBeCloseTo(k + 1, 12);
  });

  it("finds the bottom of a noisy bowl", () => {
    const strategy = new EvolutionStrategy(options, new Float64Array(3));
    run(strategy, 200);
    expect(lossOf(strategy.theta, 0)).toBeLessThan(0.02);
  });

  it("estimates a gradient that points along the true one", () => {
    const strategy = new EvolutionStrategy({ ...options, pairs: 200 }, new Float64Array(3));
    const gradient = strategy.tell(strategy.ask().map((theta) => lossOf(theta, 0)));
    const slope = target.map((value) => -2 * value);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
    const cosine = dot(gradient, slope) / Math.sqrt(dot(gradient, gradient) * dot(slope, slope));
    expect(cosine).toBeGreaterThan(0.95);
  });

  it("weighs tasks equally, whatever the size of their losses", () => {
    const one = new EvolutionStrategy(options, new Float64Array(3));
    const other = new EvolutionStrategy(options, new Float64Array(3));
    const losses = one.ask().map((theta) => lossOf(theta, 0));
    const huge = losses.map((loss) => 1e6 * loss + 4);
    one.tell([losses, losses]);
    other.tell([losses, huge]);
    expect(other.theta).toEqual(one.theta);
  });

  it("goes on from its state bit for bit, through JSON", () => {
    const whole = new EvolutionStrategy(options, new Float64Array(3));
    run(whole, 9);
    const first = new EvolutionStrategy(options, new Float64Array(3));
    run(first, 4);
    const resumed = new EvolutionStrategy(options, JSON.parse(JSON.stringify(first.state)));
    run(resumed, 5);
    expect(resumed.state).toEqual(whole.state);
  });

  it("refuses options outside their range and losses of the wrong number", () => {
    const start = new Float64Array(3);
    expect(() => new EvolutionStrategy({ ...options, pairs: 0 }, start)).toThrow(
      "`pairs` to be an integer ≥ 1, got 0",
    );
    expect(() => new EvolutionStrategy({ ...options, sigma: 0 }, start)).toThrow("`sigma`");
    expect(() => new EvolutionStrategy(options, start).tell([1, 2])).toThrow("Expected 16 losses");
  });
});
