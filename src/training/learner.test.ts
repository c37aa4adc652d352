import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { relu, softmaxCrossEntropy } from "../graph/index.ts";
import { batchNormalizationLayer, dropoutLayer, linearLayer, type Model } from "../nn/index.ts";
import { Learner } from "./learner.ts";
import type { OptimizerOptions } from "./optimizers.ts";

type Golden = {
  start: Record<string, number[]>;
  batches: { x: number[]; y: number[] }[];
  evaluation: { x: number[]; y: number[] };
  rates: number[];
  cases: {
    optimizer: OptimizerOptions;
    losses: number[];
    state: Record<string, number[]>;
    evaluation: { loss: number; accuracy: number };
  }[];
};
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../test/golden/training.json", import.meta.url), "utf8"),
);

// The relu before the normalisation: a bias right before it has no gradient but rounding errors, which Adam blows up.
const network: Model = (scope, x) => {
  const hidden = relu(linearLayer(scope.child("linear1"), x, 5));
  return linearLayer(scope.child("linear2"), batchNormalizationLayer(scope.child("bn"), hidden), 3);
};

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

function createLearner(optimizer: OptimizerOptions, model = network): Learner {
  const learner = new Learner(engine, { model, loss: softmaxCrossEntropy, optimizer, inputShape: [4] }, 6, 0);
  for (const { name, offset } of learner.memory.layout.entries)
    learner.memory.weights.set(golden.start[name] ?? [], offset);
  return learner;
}

async function trainStep(learner: Learner, step: number): Promise<number> {
  const { x, y } = golden.batches[step % golden.batches.length]!;
  learner.batch.inputs.set(x);
  learner.batch.labels.set(y);
  const { loss } = await learner.gradients();
  await learner.apply(golden.rates[step % golden.rates.length]!);
  return loss;
}

describe("Learner", () => {
  it.each(golden.cases)(
    "trains as PyTorch does with $optimizer",
    async ({ optimizer, losses, state, evaluation }) => {
      const learner = createLearner(optimizer);
      // Adam divides by the gradient's size: where that is small, a rounding error is not.
      const digits = optimizer.kind === "sgd" ? 5 : 3;
      for (const [step, expected] of losses.entries())
        expect(Math.abs((await trainStep(learner, step)) - expected), `loss of step ${step}`).toBeLessThan(
          2e-5 * (1 + expected),
        );
      for (const { name, offset, length } of learner.memory.layout.entries)
        for (let i = 0; i < length; i++)
          expect(learner.memory.weights[offset + i], `${name}[${i}]`).toBeCloseTo(state[name]![i]!, digits);
      const { x, y } = golden.evaluation;
      const dataset = {
        name: "golden",
        inputs: Float32Array.from(x),
        inputShape: [4],
        labels: Int32Array.from(y),
        classes: 3,
      };
      // In evaluation mode: agrees only if the running statistics do.
      const result = await learner.evaluate(dataset);
      expect(result.loss).toBeCloseTo(evaluation.loss, digits);
      expect(result.accuracy).toBeCloseTo(evaluation.accuracy, 6);
      await learner.release();
    },
  );

  it("goes on from a saved state bit for bit, with momentum, running statistics and dropout", async () => {
    const withDropout: Model = (scope, x) => network(scope, dropoutLayer(scope.child("dropout"), x, 0.4));
    const optimizer: OptimizerOptions = { kind: "adam", weightDecay: 0.01 };
    const whole = createLearner(optimizer, withDropout);
    for (let step = 0; step < 3; step++) await trainStep(whole, step);
    const saved = whole.save();
    const resumed = createLearner(optimizer, withDropout);
    resumed.restore(saved);
    for (let step = 3; step < 8; step++)
      expect(await trainStep(resumed, step)).toBe(await trainStep(whole, step));
    expect(resumed.save()).toEqual(whole.save());
    expect(saved.step).toBe(3);
  });

  it("refuses a network without anything to train", () => {
    expect(() => createLearner({ kind: "sgd" }, (_scope, x) => relu(x))).toThrow(
      expect.objectContaining({ code: "TASK_INVALID", message: expect.stringContaining("a parameter") }),
    );
  });

  it("leaves weights, state and step alone until apply", async () => {
    const learner = createLearner({ kind: "sgd", momentum: 0.9 });
    await trainStep(learner, 0);
    const before = learner.save();
    const first = await learner.gradients();
    await learner.lookAhead(0.5, {
      inputs: learner.batch.inputs.slice(),
      labels: learner.batch.labels.slice(),
    });
    expect(learner.save()).toEqual(before);
    expect(await learner.gradients()).toEqual(first);
  });

  it("gives the gradient quantities that schedules ask for", async () => {
    const learner = createLearner({ kind: "sgd", momentum: 0.9 });
    await trainStep(learner, 0);
    const previous = learner.memory.direction.slice();
    const { x, y } = golden.batches[1]!;
    learner.batch.inputs.set(x);
    learner.batch.labels.set(y);
    const result = await learner.gradients([
      "gradientDotDirection",
      "gradientDotPreviousDirection",
      "gradientNorm",
      "directionNorm",
    ]);
    const d = learner.memory.direction;
    // d = 0.9 d_{t-1} + g
    const g = d.map((value, index) => value - 0.9 * previous[index]!);
    const dot = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, index) => sum + value * b[index]!, 0);
    expect(result.gradientDotDirection).toBeCloseTo(dot(g, d), 5);
    expect(result.gradientDotPreviousDirection).toBeCloseTo(dot(g, previous), 5);
    expect(result.gradientNorm).toBeCloseTo(Math.sqrt(dot(g, g)), 5);
    expect(result.directionNorm).toBeCloseTo(Math.sqrt(dot(d, d)), 5);
  });

  it("refuses to look ahead on a batch that lacks inputs or has none", async () => {
    const learner = createLearner({ kind: "sgd" });
    await learner.gradients();
    for (const [inputs, labels] of [
      [7, 2],
      [0, 0],
    ] as const)
      await expect(
        learner.lookAhead(0.5, { inputs: new Float32Array(inputs), labels: new Int32Array(labels) }),
      ).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
  });

  it("looks ahead: loss and slope along d at w - α d equal those of finite differences", async () => {
    const smooth: Model = (scope, x) => linearLayer(scope.child("linear1"), x, 3);
    const learner = createLearner({ kind: "sgd" }, smooth);
    const { x, y } = golden.batches[0]!;
    learner.batch.inputs.set(x);
    learner.batch.labels.set(y);
    await learner.gradients();
    const validation = {
      inputs: Float32Array.from(golden.batches[1]!.x),
      labels: Int32Array.from(golden.batches[1]!.y),
    };
    const at = async (rate: number) => (await learner.lookAhead(rate, validation)).validationLoss;
    const { innerProduct } = await learner.lookAhead(0.5, validation);
    // dL_val(w - α d)/dα = -<∇L_val, d>
    expect(innerProduct).toBeCloseTo(-((await at(0.51)) - (await at(0.49))) / 0.02, 3);
  });
});
