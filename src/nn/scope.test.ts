import { beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { constant, input, multiply } from "../graph/index.ts";
import { batchNormalizationLayer, dropoutLayer, filled, Scope } from "./index.ts";

describe("Scope", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.create({ planFolder: null, threads: 1 });
  });

  it("shares a parameter that is asked for twice, and refuses it in another shape", () => {
    const scope = new Scope("train");
    const weight = scope.child("a").parameter("w", [2], filled(1));
    expect(scope.child("a").parameter("w", [2], filled(1))).toBe(weight);
    expect(() => scope.parameter("a.w", [3], filled(1))).toThrow(
      expect.objectContaining({ code: "SHAPE_MISMATCH" }),
    );
  });

  it("gives every dropout a mask of its own, in one scope too", () => {
    const scope = new Scope("train");
    const narrow = dropoutLayer(scope, input("x", [2, 3]), 0.5);
    dropoutLayer(scope, narrow, 0.25);
    dropoutLayer(scope, input("z", [4]), 0.5);
    expect(scope.masks.map(({ name, shape, probability }) => ({ name, shape, probability }))).toEqual([
      { name: "mask", shape: [2, 3], probability: 0.5 },
      { name: "mask.2", shape: [2, 3], probability: 0.25 },
      { name: "mask.3", shape: [4], probability: 0.5 },
    ]);
  });

  it("moves running statistics once for each time that a shared layer is applied", async () => {
    const scope = new Scope("train");
    const x = constant([1, 3], [2, 1]);
    batchNormalizationLayer(scope.child("bn"), x); // mean 2
    batchNormalizationLayer(scope.child("bn"), multiply(x, 3)); // mean 6
    const outputs = Object.fromEntries(scope.statistics.map(({ name, next }) => [name, next]));
    const program = await engine.compile(outputs);
    const results = program.allocateOutputs();
    const one = Float32Array.of(1);
    const inputs = {
      "w.bn.weight": one,
      "w.bn.bias": one,
      "s.bn.running_mean": Float32Array.of(10),
      "s.bn.running_var": one,
    };
    await program.bind(inputs, results).run();
    await program.release();
    expect(results["bn.running_mean"]![0]).toBeCloseTo(0.9 * (0.9 * 10 + 0.1 * 2) + 0.1 * 6, 5);
    expect(results["bn.running_var"]![0]).toBeCloseTo(0.9 * (0.9 * 1 + 0.1 * 2) + 0.1 * 18, 5);
  });
});
