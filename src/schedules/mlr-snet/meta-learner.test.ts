import { describe, expect, it } from "vitest";
import golden from "../../../test/golden/meta-step.json" with { type: "json" };
import { emptyMemory, forward } from "./cell.ts";
import type { CellConfig } from "./config.ts";
import { initialiseParameters } from "./initialise.ts";
import { hypergradient, MetaLearner, type MetaLearnerState } from "./meta-learner.ts";
import { parameterLayout } from "./parameters.ts";
import { presets } from "./presets.ts";

const cell: CellConfig = { ...presets["image-meta-train"], hidden: 6, middle: 3 };
type Named = Record<string, number[] | number[][]>;

describe("MetaLearner", () => {
  it.each(golden.cases)(
    "follows PyTorch through every step of meta-step.json, momentum $momentum",
    (testCase) => {
      const { momentum, weightDecay, gamma, w0, steps } = testCase;
      const learner = new MetaLearner({ cell, gamma }, flatten(golden.theta0));
      let w = w0.flat(2) as number[];
      let buffer: number[] | undefined;
      for (const step of steps) {
        const { h, c } = learner.state.memory;
        close(h[0]!, step.h);
        close(c[0]!, step.c);
        const { loss, gradient } = softmaxRegression(w, step.x, step.y);
        const decayed = gradient.map((g, k) => g + weightDecay * w[k]!);
        const d = buffer ? decayed.map((g, k) => momentum * buffer![k]! + g) : decayed;
        buffer = d;
        close(d, step.direction.flat(2) as number[]);

        const proposed = learner.propose(loss);
        close([loss, proposed / gamma, proposed], [step.loss, step.p, step.alpha]);
        const lookAhead = w.map((weight, k) => weight - proposed * d[k]!);
        const validation = softmaxRegression(lookAhead, step.xVal, step.yVal);
        close([...lookAhead, validation.loss], [...(step.lookAhead.flat(2) as number[]), step.lossVal]);

        const metaGradient = learner.learn(dot(validation.gradient, d));
        close(metaGradient, flatten(step.metaGradient));
        close(learner.theta, flatten(step.thetaAfter));

        const learningRate = learner.commit(loss);
        close([learningRate / gamma, learningRate], [step.pAfter, step.learningRate]);
        w = w.map((weight, k) => weight - learningRate * d[k]!);
        close(w, step.weightsAfter.flat(2) as number[]);
      }
    },
  );

  it("goes on bit for bit from a state that went through JSON", () => {
    const learner = new MetaLearner({ cell, gamma: 0.5 }, initialiseParameters(cell, 1));
    run(learner, 0, 7);
    const saved = JSON.stringify(learner.state);
    const expected = run(learner, 7, 20);
    const resumed = new MetaLearner({ cell, gamma: 0.5 }, JSON.parse(saved) as MetaLearnerState);
    expect(JSON.stringify(resumed.state)).toBe(saved);
    expect(run(resumed, 7, 20)).toEqual(expected);
    expect(resumed.state).toEqual(learner.state);
  });

  it("advances the memory once per real step, whatever was proposed in between", () => {
    const options = { cell, gamma: 0.5 };
    const one = new MetaLearner(options, initialiseParameters(cell, 1));
    const other = new MetaLearner(options, initialiseParameters(cell, 1));
    one.propose(3);
    one.propose(1.5);
    expect(one.commit(2)).toBe(other.commit(2));
    expect(one.state).toEqual(other.state);
  });

  it("starts another run with an empty memory and a new range, and keeps what it learned", () => {
    const learner = new MetaLearner({ cell, gamma: 0.5 }, initialiseParameters(cell, 1));
    run(learner, 0, 5);
    const { theta, adam } = learner.state;
    learner.startRun(0.25);
    expect(learner.state).toEqual({ theta, adam, gamma: 0.25, memory: emptyMemory(cell) });
  });

  it("feeds loss / ln(vocabulary) to a language cell", () => {
    const language: CellConfig = { ...cell, inputs: ["loss-over-log-classes"], range: "perplexity" };
    const theta = initialiseParameters(cell, 1);
    const learner = new MetaLearner({ cell: language, gamma: 1, classes: 100 }, theta);
    expect(learner.commit(3)).toBeCloseTo(forward(cell, theta, [3 / Math.log(100)], emptyMemory(cell)).p, 13);
    expect(() => new MetaLearner({ cell: language, gamma: 1 }, theta).commit(3)).toThrow(
      "Expected `classes` to be an integer >= 2",
    );
  });

  it("refuses what is out of order, out of range or of another cell", () => {
    const theta = initialiseParameters(cell, 1);
    const learner = new MetaLearner({ cell, gamma: 1 }, theta);
    expect(() => learner.learn(1)).toThrow("Expected `propose(loss)` before `learn(innerProduct)`.");
    expect(() => learner.commit(Number.NaN)).toThrow("Expected `loss` to be finite, got NaN.");
    learner.propose(1);
    expect(() => learner.learn(Number.POSITIVE_INFINITY)).toThrow("Expected `innerProduct` to be finite");
    expect(() => new MetaLearner({ cell }, theta)).toThrow("Expected `gamma` to be a number > 0");
    expect(() => new MetaLearner({ cell, gamma: 0 }, theta)).toThrow(
      "Expected `gamma` to be a number > 0, got 0.",
    );
    expect(() => new MetaLearner({ cell, gamma: 1 }, theta.slice(1))).toThrow("for this cell, got 225.");
    expect(() => new MetaLearner({ cell: presets["meta-test"], gamma: 1 }, learner.state)).toThrow(
      "Expected θ of 11776 numbers for this cell, got 226.",
    );
  });
});

describe("hypergradient", () => {
  it("equals the finite difference of a validation loss that is linear in the weights", () => {
    // L_val(w) = s·w, so <∇L_val, d> = s·d everywhere and L_val(w - γ p d) = s·w - γ p s·d.
    const theta = initialiseParameters(cell, 2);
    const tape = forward(cell, theta, [1.1], emptyMemory(cell));
    const gradient = hypergradient({ cell, theta, tape, gamma: 0.7, innerProduct: 1.9 });
    for (const k of [0, 20, 50, 225]) {
      const lossAt = (shift: number): number => {
        const moved = theta.slice();
        moved[k]! += shift;
        return -0.7 * forward(cell, moved, [1.1], emptyMemory(cell)).p * 1.9;
      };
      expect(gradient[k]).toBeCloseTo((lossAt(1e-5) - lossAt(-1e-5)) / 2e-5, 8);
    }
  });
});

/** Steps `from` to `to`, an update at every third; returns the learning rates. */
function run(learner: MetaLearner, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => {
    const step = from + index;
    const loss = 2 + Math.sin(step);
    if (step % 3 === 0) {
      learner.propose(loss);
      learner.learn(Math.cos(step));
    }
    return learner.commit(loss);
  });
}

function flatten(named: Named): Float64Array {
  return Float64Array.from(parameterLayout(cell).flatMap(({ name }) => named[name]!.flat()));
}

/** Mean cross-entropy of softmax(W x + b) and its gradient; w is [W 3x5, b 3], flat. */
function softmaxRegression(
  w: readonly number[],
  x: readonly (readonly number[])[],
  y: readonly number[],
): { loss: number; gradient: number[] } {
  const gradient = new Array<number>(w.length).fill(0);
  let loss = 0;
  for (const [n, features] of x.entries()) {
    const logits = [0, 1, 2].map((k) => w[15 + k]! + dot(w.slice(5 * k, 5 * k + 5), features));
    const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
    loss += (Math.log(total) - logits[y[n]!]!) / x.length;
    for (const [k, z] of logits.entries()) {
      const error = (Math.exp(z) / total - (k === y[n] ? 1 : 0)) / x.length;
      for (const [j, feature] of features.entries()) gradient[5 * k + j]! += error * feature;
      gradient[15 + k]! += error;
    }
  }
  return { loss, gradient };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}

/** |a - b| ≤ 1e-4 |b| + 1e-8 */
function close(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(got.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k++)
    expect(Math.abs(got[k]! - expected[k]!), `number ${k}`).toBeLessThanOrEqual(
      1e-4 * Math.abs(expected[k]!) + 1e-8,
    );
}
