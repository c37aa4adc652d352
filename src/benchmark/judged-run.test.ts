import { describe, expect, it } from "vitest";
import { cutWindows, type Dataset } from "../data/index.ts";
import { Engine } from "../engine/index.ts";
import { multiply, type Value } from "../graph/index.ts";
import { characterGru } from "../models/index.ts";
import { linearLayer } from "../nn/index.ts";
import { Random } from "../random.ts";
import { constant } from "../schedules/index.ts";
import type { Task } from "../training/index.ts";
import { squaredErrors } from "../training/losses.ts";
import { judgedRun } from "./judged-run.ts";

const part = () =>
  cutWindows(
    "cycle",
    Int32Array.from({ length: 81 }, (_, index) => index % 4),
    5,
    4,
  );
const data = { train: part(), validation: part(), test: part() };
const task = {
  name: "cycle/gru",
  data,
  model: characterGru(4, 3, 4),
  optimizer: { kind: "sgd" },
  batchSize: 8,
  steps: 3,
} as const;

async function judge(baseRate: number, of: Task & { data: typeof data } = task) {
  const engine = await Engine.create({ planFolder: null, threads: 1 });
  const schedule = constant({ baseRate });
  const run = judgedRun({ task: of, data: of.data, schedule, engine, seed: 0, judgeOn: "test" });
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
  }
}

describe("the score of a task of sequences", () => {
  it("has the perplexity beside loss and accuracy", async () => {
    const { last } = await judge(0.1);
    expect(last.perplexity).toBeCloseTo(Math.exp(last.loss!), 12);
    expect(last.perplexity).toBeLessThan(6);
  });

  it("is that of guessing where the run diverged, and has no loss", async () => {
    const { judgedBy, status, last } = await judge(1e39);
    expect([judgedBy, status]).toEqual(["perplexity", "diverged"]);
    // The training text is that which is judged; its four letters are equally frequent.
    expect(last).toEqual({ loss: null, accuracy: 0.25, perplexity: expect.closeTo(4, 3) });
  });
});

describe("the score of a regression with one output", () => {
  /** y = 3 x + 2 and noise of deviation 0.1, so that predicting the mean loses about 9. */
  function line(count: number, seed: number): Dataset & { labels: Float32Array } {
    const random = new Random(seed, "line");
    const inputs = Float32Array.from({ length: count }, () => random.normal());
    const labels = inputs.map((x) => 3 * x + 2 + 0.1 * random.normal());
    return { name: "line", inputs, inputShape: [1], labels };
  }
  const parts = { train: line(200, 1), validation: line(40, 2), test: line(100, 3) };
  const regression: Task & { data: typeof parts } = {
    name: "line/linear",
    data: parts,
    model: (scope, x) => linearLayer(scope.child("linear"), x, 1),
    loss: "squared-error",
    optimizer: { kind: "sgd" },
    batchSize: 20,
    steps: 60,
  };
  const mean = parts.train.labels.reduce((sum, y) => sum + y, 0) / 200;
  const meansLoss = parts.test.labels.reduce((sum, y) => sum + (y - mean) ** 2, 0) / 100;

  it("is its loss, without an accuracy anywhere, and reaches that of the noise", async () => {
    const { judgedBy, status, last, best, curve } = await judge(0.1, regression);
    expect([judgedBy, status]).toEqual(["loss", "done"]);
    expect(Object.keys(last)).toEqual(["loss"]);
    expect(last.loss).toBeGreaterThan(0.005);
    expect(last.loss).toBeLessThan(0.02);
    expect(best).toEqual(last);
    expect(curve.at(-1)).toEqual({ ...curve.at(-1), testLoss: last.loss });
    expect(curve.at(-1)).not.toHaveProperty("testAccuracy");
  });

  it("is that of predicting the training mean where a finite loss has grown beyond all measure", async () => {
    // A linear network multiplies its error at each step: after 60 of this rate the loss is about 1e20, and finite.
    const { status, steps, last, curve } = await judge(1.3, regression);
    expect(curve.at(-1)!.testLoss).toBeGreaterThan(1e10);
    expect(curve.at(-1)!.testLoss).toBeLessThan(1e38);
    expect([status, steps]).toEqual(["diverged", 60]);
    expect(last.loss).toBeCloseTo(meansLoss, 4);
  });

  it("is the same where the loss overflows in mid-run", async () => {
    const { status, steps, last } = await judge(1e9, regression);
    expect(status).toBe("diverged");
    expect(steps).toBeLessThan(60);
    expect(last.loss).toBeCloseTo(meansLoss, 4);
  });

  it("is that of the training median for the absolute error, and of the untrained network for a loss of one's own", async () => {
    const sorted = parts.train.labels.toSorted();
    const median = (sorted[99]! + sorted[100]!) / 2;
    const mediansLoss = parts.test.labels.reduce((sum, y) => sum + Math.abs(y - median), 0) / 100;
    const absolute = await judge(1e30, { ...regression, loss: "absolute-error" });
    expect([absolute.status, absolute.last.loss]).toEqual(["diverged", expect.closeTo(mediansLoss, 4)]);
    const own = (outputs: Value, targets: Value) => squaredErrors(multiply(outputs, 1), targets);
    const untrained = await judge(1e-12, { ...regression, loss: own });
    const diverged = await judge(1.3, { ...regression, loss: own });
    expect(untrained.status).toBe("done");
    expect(diverged.status).toBe("diverged");
    // On the training data, where it was measured before the first step, and so only nearly that on the test data.
    expect(diverged.last.loss! / untrained.last.loss!).toBeCloseTo(1, 0);
  });
});
