import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../engine/index.ts";
import { linear, softmaxCrossEntropy } from "../../graph/index.ts";
import { filled, type Model } from "../../nn/index.ts";
import { type CellConfig, MetaLearner } from "../../schedules/index.ts";
import { parameterLayout } from "../../schedules/internal.ts";
import { Learner } from "../../training/index.ts";
import { metaStep } from "./meta-step.ts";

type Tensors = Record<string, number[] | number[][]>;
type GoldenStep = {
  x: number[][];
  y: number[];
  xVal: number[][];
  yVal: number[];
  h: number[];
  c: number[];
  loss: number;
  p: number;
  alpha: number;
  direction: [number[][], number[]];
  lookAhead: [number[][], number[]];
  lossVal: number;
  metaGradient: Tensors;
  thetaAfter: Tensors;
  pAfter: number;
  learningRate: number;
  weightsAfter: [number[][], number[]];
};
type GoldenCase = {
  momentum: number;
  weightDecay: number;
  gamma: number;
  w0: [number[][], number[]];
  steps: GoldenStep[];
};
const golden: { theta0: Tensors; cases: GoldenCase[] } = JSON.parse(
  readFileSync(new URL("../../../test/golden/meta-step.json", import.meta.url), "utf8"),
);

const cell: CellConfig = {
  hidden: 6,
  middle: 3,
  layers: 1,
  gateOrder: ["input", "forget", "output", "candidate"],
  forgetShift: -1,
  inputs: ["loss"],
  output: "sigmoid",
  range: "loss",
};

const softmaxRegression: Model = (scope, x) =>
  linear(x, scope.parameter("weight", [3, 5], filled(0)), scope.parameter("bias", [3], filled(0)));

/** θ or its gradient, flat, in the order of the cell's parameters. */
function flatTheta(tensors: Tensors): number[] {
  return parameterLayout(cell).flatMap(({ name }) => (tensors[name] as number[]).flat());
}

/** The authors' numbers are float32: hence rtol 1e-4, and as absolute part the size of a float32 rounding. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[], name: string): void {
  expect(actual.length, name).toBe(expected.length);
  for (const [index, value] of expected.entries())
    expect(
      Math.abs(actual[index]! - value),
      `${name}[${index}]: ${actual[index]} for ${value}`,
    ).toBeLessThanOrEqual(1e-4 * Math.abs(value) + 1e-8);
}

describe("metaStep", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.create({ planFolder: null });
  });
  const learners: Learner[] = [];
  afterAll(async () => {
    for (const learner of learners) await learner.release();
  });

  it.each(golden.cases)(
    "gives all intermediate values of the authors' method with momentum $momentum",
    async (example) => {
      const { momentum, weightDecay, gamma, w0, steps } = example;
      const definition = {
        model: softmaxRegression,
        loss: softmaxCrossEntropy,
        optimizer: { kind: "sgd" as const, momentum, weightDecay },
        inputShape: [5],
      };
      const learner = new Learner(engine, definition, 8, 0);
      learners.push(learner);
      const { layout, weights, direction, lookAheadWeights } = learner.memory;
      const unflatten = (flat: Float32Array) =>
        layout.entries.flatMap(({ offset, length }) => [...flat.subarray(offset, offset + length)]);
      for (const [index, tensor] of w0.entries()) weights.set(tensor.flat(), layout.entries[index]!.offset);
      const metaLearner = new MetaLearner({ cell, gamma }, Float64Array.from(flatTheta(golden.theta0)));

      for (const [index, step] of steps.entries()) {
        const named = (name: string) => `step ${index} ${name}`;
        expectClose(metaLearner.state.memory.h.flat(), step.h, named("h"));
        expectClose(metaLearner.state.memory.c.flat(), step.c, named("c"));
        learner.batch.inputs.set(step.x.flat());
        learner.batch.labels.set(step.y);
        const validation = {
          inputs: Float32Array.from(step.xVal.flat()),
          labels: Int32Array.from(step.yVal),
        };
        let gradient = new Float64Array();
        const result = await metaStep(learner, metaLearner, validation, (given) => {
          gradient = given.slice();
        });
        expectClose([result.loss], [step.loss], named("loss"));
        expectClose([result.update!.lookAheadRate / gamma], [step.p], named("p"));
        expectClose([result.update!.lookAheadRate], [step.alpha], named("alpha"));
        expectClose(unflatten(direction), step.direction.flat(2), named("direction"));
        expectClose(unflatten(lookAheadWeights), step.lookAhead.flat(2), named("lookAhead"));
        expectClose([result.update!.lookAheadLoss], [step.lossVal], named("lossVal"));
        expectClose(gradient, flatTheta(step.metaGradient), named("metaGradient"));
        expectClose(metaLearner.theta, flatTheta(step.thetaAfter), named("thetaAfter"));
        expectClose([result.learningRate! / gamma], [step.pAfter], named("pAfter"));
        expectClose([result.learningRate!], [step.learningRate], named("learningRate"));
        expectClose(unflatten(weights), step.weightsAfter.flat(2), named("weightsAfter"));
      }
    },
  );
});
