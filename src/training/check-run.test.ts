import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../data/index.ts";
import { Engine } from "../engine/index.ts";
import { add, maxPool, type PoolOptions, reduceMean, relu, reshapeTo } from "../graph/index.ts";
import { embeddingLayer, linearLayer, type Model } from "../nn/index.ts";
import { constant } from "../schedules/index.ts";
import { splitsOf, type Task } from "./task.ts";
import { TrainingRun } from "./train.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

function points(inputs: Dataset["inputs"]): Dataset {
  const count = inputs.length / 4;
  const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
  return { name: "points", inputs, inputShape: [4], labels, classes: 2 };
}

const linear: Model = (scope, x) => linearLayer(scope.child("fc"), x, 2);

function run(changes: Partial<Task>, data: Partial<Task["data"]> = {}): TrainingRun {
  const task: Task = {
    name: "points/test",
    data: { train: points(new Float32Array(64)), test: points(new Float32Array(16)), ...data },
    model: linear,
    optimizer: { kind: "sgd" },
    batchSize: 8,
    steps: 2,
    ...changes,
  };
  return new TrainingRun({
    task,
    data: splitsOf(task),
    schedule: constant({ baseRate: 1 }),
    engine,
    seed: 0,
  });
}

const refused = (code: string, message: string | RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("a training run", () => {
  it("starts with a task that is right", async () => {
    await run({}).release();
  });

  it("refuses a misspelt option of the optimizer, a field beside `data`, and another optimizer", () => {
    const optimizer = { kind: "sgd", momentun: 0.9 } as Task["optimizer"];
    expect(() => run({ optimizer })).toThrow(refused("INVALID_ARGUMENT", "Did you mean `momentum`"));
    const beside = { validation: points(new Float32Array(16)) } as Partial<Task>;
    expect(() => run(beside)).toThrow(refused("TASK_INVALID", "Put `validation` into `data`"));
  });

  it("names layer, place, expected and given where the network does not fit together", () => {
    const model: Model = (scope, x) => linearLayer(scope.child("out"), reshapeTo(x, [32]), 2);
    expect(() => run({ model })).toThrow(
      refused(
        "SHAPE_MISMATCH",
        /^In linearLayer at `out`: Expected x as float32 \[batch, \.\.\., features\], got float32 \[32\]\. The model's x is float32 \[8,4\]\.$/,
      ),
    );
  });

  it("names the layer before an operator that fails between layers", () => {
    const between: Model = (scope, x) => linear(scope, add(relu(linearLayer(scope.child("in"), x, 3)), x));
    expect(() => run({ model: between })).toThrow(
      refused(
        "SHAPE_MISMATCH",
        /^In the model, after linearLayer at `in`: Operator `add`: Expected shapes that broadcast, got \[8,3\] and \[8,4\]\./,
      ),
    );
    const pooled: Model = (scope, x) =>
      linear(scope, maxPool(reshapeTo(x, [8, 1, 2, 2]), 2 as unknown as PoolOptions));
    expect(() => run({ model: pooled })).toThrow(
      refused("INVALID_ARGUMENT", /^In the model, before its first layer: Expected the options of `maxPool`/),
    );
  });

  it("says before any work that a network is bound to the batches of training", () => {
    const model: Model = (scope, x) => linear(scope, reshapeTo(x, [8, 4]));
    expect(() => run({ model })).toThrow(
      refused(
        "SHAPE_MISMATCH",
        /Operator `reshape`: .* This was for evaluation, in batches of 500 and not of the size that training has: take it from the tensor's shape\./,
      ),
    );
  });

  it("refuses weights that evaluation alone has", () => {
    const model: Model = (scope, x) => linearLayer(scope.child(scope.mode), x, 2);
    expect(() => run({ model })).toThrow(refused("TASK_INVALID", "got `eval.weight` in evaluation alone"));
  });

  it("refuses a token that the model's embedding does not have, with example and position", () => {
    const model: Model = (scope, tokens) => {
      const vectors = embeddingLayer(scope.child("embedding"), tokens, 10, 3);
      return linear(scope, reduceMean(vectors, [1]));
    };
    const tokens = new Int32Array(64).fill(9);
    const test = points(new Int32Array(16));
    const good = run({ model }, { train: points(tokens), test });
    expect(good.steps).toBe(2);
    const wrong = points(tokens.with(22, 10));
    expect(() => run({ model }, { train: wrong, test })).toThrow(
      refused(
        "INVALID_ARGUMENT",
        /tokens from 0 to 9, as the model's `embeddingLayer` has them, got 10 at index 22 \(position 2 of example 5\)/,
      ),
    );
    expect(() =>
      run({ model }, { train: points(tokens), test: points(new Int32Array(16).fill(11, 15)) }),
    ).toThrow(refused("INVALID_ARGUMENT", /got 11 at index 15 \(position 3 of example 3\)/));
  });

  it("refuses inputs that are not finite and labels outside the classes, with example and position", () => {
    const inputs = new Float32Array(64);
    inputs[13] = Number.NaN;
    const test = points(new Float32Array(16));
    expect(() => run({}, { train: points(inputs), test })).toThrow(
      refused("INVALID_ARGUMENT", /finite, got NaN at index 13 \(position 1 of example 3\)/),
    );
    const labels = new Int32Array(16).fill(1).with(5, 2);
    expect(() => run({}, { train: { ...points(new Float32Array(64)), labels }, test })).toThrow(
      refused("INVALID_ARGUMENT", /0 to 1, got 2 at index 5 \(example 5\)/),
    );
  });
});
