import { describe, expect, it } from "vitest";
import { Random } from "../../random.ts";
import {
  antithetic,
  drawPerturbations,
  type EvolutionOptions,
  EvolutionStrategy,
  estimateGradient,
} from "./evolution-strategy.ts";
import { centredRanks } from "./rank-shaping.ts";

const options: EvolutionOptions = { pairs: 8, sigma: 0.1, learningRate: 0.05 };
const target = Float64Array.of(1, -2, 0.5);
/** A noisy bowl: the noise is the same for all candidates of a generation, as common random numbers make it. */
const lossOf = (theta: Float64Array, noise: number) =>
  noise + theta.reduce((sum, value, k) => sum + (value - target[k]!) ** 2, 0);

/** One task a generation, as long-horizon training puts the parts together. */
function run(strategy: EvolutionStrategy, generations: number, weigh = (losses: number[]) => losses): void {
  const { pairs, sigma } = options;
  for (let count = 0; count < generations; count++) {
    const noise = new Random(9, strategy.generation).normal() * 10;
    const { theta, generation } = strategy;
    const perturbations = drawPerturbations(3, [generation], pairs, theta.length);
    const losses = antithetic(theta, sigma, perturbations).map((candidate) => lossOf(candidate, noise));
    strategy.update([estimateGradient(weigh(losses), perturbations, sigma)]);
  }
}

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe("centredRanks", () => {
  it("gives the best -0.5, the worst 0.5, equal losses the same, and what is not finite the worst place.", () => {
    expect(centredRanks([3, 1, 2])).toEqual([0.5, -0.5, 0]);
    expect(centredRanks([1, 1, 2])).toEqual([-0.25, -0.25, 0.5]);
    expect(centredRanks([Number.NaN, 5, Number.POSITIVE_INFINITY])).toEqual([0.25, -0.5, 0.25]);
    expect(centredRanks([7])).toEqual([0]);
  });
});

describe("drawPerturbations", () => {
  it("gives the same for the same seed and path, and others for another path, seed or place.", () => {
    const [first, second] = drawPerturbations(3, [4, 1], 2, 5) as [Float64Array, Float64Array];
    expect(drawPerturbations(3, [4, 1], 2, 5)).toEqual([first, second]);
    // The first of many are the few.
    expect(drawPerturbations(3, [4, 1], 9, 5).slice(0, 2)).toEqual([first, second]);
    const others = [drawPerturbations(3, [1, 4], 1, 5)[0]!, drawPerturbations(4, [4, 1], 1, 5)[0]!, second];
    for (const other of others) expect(Math.abs(cosine(other, first))).toBeLessThan(0.999);
  });

  it("draws standard normal numbers that know nothing of each other, of odd length too.", () => {
    const drawn = drawPerturbations(1, ["normal"], 2000, 7);
    const moment = (power: number, pick: (epsilon: Float64Array) => number) =>
      drawn.reduce((sum, epsilon) => sum + pick(epsilon) ** power, 0) / drawn.length;
    for (let k = 0; k < 7; k++) {
      expect(Math.abs(moment(1, (epsilon) => epsilon[k]!))).toBeLessThan(0.08);
      expect(Math.abs(moment(2, (epsilon) => epsilon[k]!) - 1)).toBeLessThan(0.12);
      expect(Math.abs(moment(4, (epsilon) => epsilon[k]!) - 3)).toBeLessThan(0.9);
      const neighbours = moment(1, (epsilon) => epsilon[k]! * epsilon[(k + 1) % 7]!);
      expect(Math.abs(neighbours)).toBeLessThan(0.08);
    }
    expect(drawn.flatMap((epsilon) => [...epsilon]).every(Number.isFinite)).toBe(true);
  });
});

describe("antithetic", () => {
  it("places each pair evenly around θ, σ ε away.", () => {
    const theta = Float64Array.of(1, 2);
    const candidates = antithetic(theta, 0.5, [Float64Array.of(1, -2), Float64Array.of(0, 4)]);
    expect(candidates.map((candidate) => [...candidate])).toEqual([
      [1.5, 1],
      [0.5, 3],
      [1, 4],
      [1, 0],
    ]);
    expect([...theta]).toEqual([1, 2]);
  });
});

describe("estimateGradient", () => {
  it("is the formula by hand.", () => {
    const perturbations = [Float64Array.of(1, -2), Float64Array.of(0, 4)];
    // 1 / (2 * 2 * 0.5) * ((3 - 1) (1, -2) + (0 - 1) (0, 4))
    expect([...estimateGradient([3, 1, 0, 1], perturbations, 0.5)]).toEqual([1, -4]);
  });

  it("points along the true gradient, and is as long, where there are many pairs.", () => {
    const theta = new Float64Array(3);
    const perturbations = drawPerturbations(3, ["gradient"], 2000, 3);
    const losses = antithetic(theta, 0.1, perturbations).map((candidate) => lossOf(candidate, 5));
    const gradient = estimateGradient(losses, perturbations, 0.1);
    const slope = target.map((value) => -2 * value);
    expect(cosine(gradient, slope)).toBeGreaterThan(0.99);
    for (const [k, value] of slope.entries()) expect(Math.abs(gradient[k]! - value)).toBeLessThan(0.4);
  });

  it("is zero where both of each pair are alike.", () => {
    const perturbations = drawPerturbations(3, [0], 3, 4);
    expect([...estimateGradient([1, 1, 2, 2, 5, 5], perturbations, 0.1)]).toEqual([0, 0, 0, 0]);
  });
});

describe("EvolutionStrategy", () => {
  it.each([
    ["differences", (losses: number[]) => losses],
    ["ranks", centredRanks],
  ] as const)("finds the bottom of a noisy bowl by %s, its average too.", (_, weigh) => {
    const strategy = new EvolutionStrategy(options, new Float64Array(3));
    run(strategy, 200, weigh);
    expect(strategy.generation).toBe(200);
    expect(lossOf(strategy.theta, 0)).toBeLessThan(0.02);
    expect(lossOf(strategy.average, 0)).toBeLessThan(0.02);
  });

  it("moves θ by Adam against the mean of the tasks' gradients.", () => {
    const strategy = new EvolutionStrategy(options, Float64Array.of(1, 2, 3));
    strategy.update([Float64Array.of(2, -1, 0), Float64Array.of(2, -7, 0)]);
    // Adam's first step is the learning rate along the signs.
    for (const [k, expected] of [0.95, 2.05, 3].entries()) expect(strategy.theta[k]).toBeCloseTo(expected, 6);
    const same = new EvolutionStrategy(options, Float64Array.of(1, 2, 3));
    same.update([Float64Array.of(2, -4, 0)]);
    expect(same.state).toEqual(strategy.state);
  });

  it("pulls θ towards zero where there is weight decay.", () => {
    const strategy = new EvolutionStrategy({ ...options, weightDecay: 0.1 }, Float64Array.of(1, -2));
    strategy.update([new Float64Array(2)]);
    expect([...strategy.theta].map((value) => Number(value.toFixed(6)))).toEqual([0.95, -1.95]);
  });

  it("averages its iterates by 7 / (g + 7), which prefers the late ones.", () => {
    const strategy = new EvolutionStrategy(options, Float64Array.of(0));
    const iterates: number[] = [];
    for (const slope of [-1, -1, 3]) {
      strategy.update([Float64Array.of(slope)]);
      iterates.push(strategy.theta[0]!);
    }
    const [first, second, third] = iterates as [number, number, number];
    const two = first + (7 / 8) * (second - first);
    expect(strategy.average[0]).toBeCloseTo(two + (7 / 9) * (third - two), 14);
    // By weights: 1/8, 7/8 and then 2/9 of those and 7/9.
    const weighted = (2 / 9) * (first / 8 + (7 / 8) * second) + (7 / 9) * third;
    expect(strategy.average[0]).toBeCloseTo(weighted, 14);
  });

  it("goes on from its state bit for bit, through JSON, and leaves the state alone.", () => {
    const whole = new EvolutionStrategy(options, new Float64Array(3));
    run(whole, 9);
    const first = new EvolutionStrategy(options, new Float64Array(3));
    run(first, 4);
    const saved = first.state;
    const text = JSON.stringify(saved);
    const state = JSON.parse(text);
    const resumed = new EvolutionStrategy(options, state);
    run(resumed, 5);
    expect(resumed.state).toEqual(whole.state);
    expect(JSON.stringify(state)).toBe(text);
    run(first, 1);
    expect(JSON.stringify(saved)).toBe(text);
  });

  it("gives copies of θ and the average, and takes a copy of its start.", () => {
    const start = Float64Array.of(1, 2, 3);
    const strategy = new EvolutionStrategy(options, start);
    strategy.theta.fill(9);
    strategy.average.fill(9);
    start.fill(9);
    expect([strategy.theta, strategy.average]).toEqual([Float64Array.of(1, 2, 3), Float64Array.of(1, 2, 3)]);
  });

  it.each([
    [{ pairs: 0 }, "`pairs` to be an integer ≥ 1, got 0"],
    [{ pairs: 1.5 }, "`pairs`"],
    [{ sigma: 0 }, "`sigma` to be a number > 0, got 0"],
    [{ learningRate: Number.NaN }, "`learningRate` to be a number > 0, got NaN"],
    [{ weightDecay: -1 }, "`weightDecay` to be a number ≥ 0, got -1"],
  ])("refuses options outside their range: %o.", (wrong, message) => {
    expect(() => new EvolutionStrategy({ ...options, ...wrong }, new Float64Array(3))).toThrow(message);
  });
});
