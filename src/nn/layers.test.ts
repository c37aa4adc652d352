import { beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { expectOurs, strangeArguments } from "../../test/strange-arguments.ts";
import { Engine } from "../engine/index.ts";
import { averagePool, input, maxPool, type Value } from "../graph/index.ts";
import * as nn from "./index.ts";
import { Scope } from "./index.ts";
import * as inner from "./internal.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

describe("linearLayer", () => {
  it("works on the last axis of [batch, time, features]", async () => {
    const scope = new Scope("train");
    const y = nn.linearLayer(scope, input("x", [1, 2, 2]), 3);
    expect(y.shape).toEqual([1, 2, 3]);
    const weights = { "w.weight": [1, 0, 0, 1, 1, 1], "w.bias": [10, 20, 30] };
    const { y: result } = await evaluate(engine, { y }, { x: [1, 2, 3, 4], ...weights });
    expect([...result!]).toEqual([11, 22, 33, 13, 24, 37]);
  });

  it("has no bias where there shall be none", async () => {
    const scope = new Scope("train");
    const y = nn.linearLayer(scope, input("x", [2, 2]), 1, { bias: false });
    expect(scope.parameters.map(({ name }) => name)).toEqual(["weight"]);
    const { y: result } = await evaluate(engine, { y }, { x: [1, 2, 3, 4], "w.weight": [1, 10] });
    expect([...result!]).toEqual([21, 43]);
  });
});

describe("layerNormalizationLayer", () => {
  it.each([
    { axis: -1, x: [1, 3, 5, 5], shape: [1, 2, 2] },
    { axis: 1, x: [1, 5, 3, 5], shape: [1, 2, 2] },
  ] as const)("normalises the features of each position, along axis $axis", async ({ axis, x, shape }) => {
    const y = nn.layerNormalizationLayer(new Scope("train"), input("x", shape), { axis, epsilon: 1e-9 });
    const weights = { "w.weight": [1, 2], "w.bias": [0, 10] };
    const { y: result } = await evaluate(engine, { y }, { x: [...x], ...weights });
    const [first, second] = axis === -1 ? [0, 1] : [0, 2];
    expect(result![first]).toBeCloseTo(-1, 4);
    expect(result![second]).toBeCloseTo(12, 4);
    // Where both features are equal nothing is left of them.
    expect(result![3]).toBeCloseTo(10, 4);
  });
});

describe("selfAttentionLayer", () => {
  it("gives each position the mean of the values, weighed by the softmax of its query with all keys", async () => {
    const y = nn.selfAttentionLayer(new Scope("train"), input("x", [1, 2, 1]));
    // q = x, k = 2 x, v = 10 x and out = y + 1.
    const weights = {
      "w.in_proj.weight": [1, 2, 10],
      "w.in_proj.bias": [0, 0, 0],
      "w.out_proj.weight": [1],
      "w.out_proj.bias": [1],
    };
    const { y: result } = await evaluate(engine, { y }, { x: [1, -1], ...weights });
    const share = Math.exp(2) / (Math.exp(2) + Math.exp(-2));
    expect(result![0]).toBeCloseTo(1 + 10 * (2 * share - 1), 4);
    expect(result![1]).toBeCloseTo(1 - 10 * (2 * share - 1), 4);
  });

  it("lets each head attend to its own part of the features", async () => {
    const sizes = [1, 3, 4];
    const scope = new Scope("train");
    const y = nn.selfAttentionLayer(scope, input("x", sizes), { heads: 2 });
    const numbers = (count: number, from: number) =>
      Array.from({ length: count }, (_, i) => Math.sin(from + i));
    const identity = (size: number) =>
      Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
    // Queries, keys and values are x: then head 1 of y depends on features 0 and 1 alone.
    const weights = {
      "w.in_proj.weight": [0, 0, 0].flatMap(() => identity(4)),
      "w.in_proj.bias": Array<number>(12).fill(0),
      "w.out_proj.weight": identity(4),
      "w.out_proj.bias": [0, 0, 0, 0],
    };
    const x = numbers(12, 1);
    const other = x.map((value, i) => (i % 4 < 2 ? value : -3 * value));
    const first = (await evaluate(engine, { y }, { x, ...weights })).y!;
    const second = (await evaluate(engine, { y }, { x: other, ...weights })).y!;
    for (const [i, value] of first.entries())
      if (i % 4 < 2) expect(second[i]).toBeCloseTo(value, 6);
      else expect(Math.abs(second[i]! - value)).toBeGreaterThan(1e-3);
    expect(() => nn.selfAttentionLayer(new Scope("train"), input("x", sizes), { heads: 3 })).toThrow(
      "3 heads divide",
    );
  });
});

describe("a layer that cannot be built", () => {
  const conv = (scope: Scope) => scope.child("block1").child("conv");

  it("is named with its place, what was expected and what was given", () => {
    const scope = new Scope("train");
    for (const [build, message] of [
      [
        () => nn.convolutionLayer(conv(scope), input("x", [8, 40]), 4, 3),
        "In convolutionLayer at `block1.conv`: Expected x as float32 [batch, channels, ...spatial], got float32 [8,40].",
      ],
      [
        () => nn.convolutionLayer(conv(scope), input("x", [8, 1, 2, 2]), 4, 3),
        "In convolutionLayer at `block1.conv`: Operator `conv`: Expected x [N, C, ...] and weight [O, C/1, ...kernel]",
      ],
      [
        () => nn.linearLayer(scope.child("fc"), input("tokens", [8, 40], "int32"), 4),
        "In linearLayer at `fc`: Expected x as float32 [batch, ..., features], got int32 [8,40]. Tokens go through `embeddingLayer` first.",
      ],
      [
        () => nn.embeddingLayer(scope, input("x", [8, 40]), 4, 3),
        "In embeddingLayer at the model's own scope: Expected x as int32 tokens [batch, ...], got float32 [8,40]. Give tokens as an Int32Array.",
      ],
      [
        () => nn.gruLayer(scope.child("gru"), input("x", [8, 40]), 6),
        "In gruLayer at `gru`: Expected x as float32 [batch, time, features], got float32 [8,40].",
      ],
      [
        () => nn.linearLayer(scope.child("out"), input("x", [8, 40]), undefined as unknown as number),
        "In linearLayer at `out`: Expected `outputs` to be an integer ≥ 1, got undefined.",
      ],
      [
        () => nn.linearLayer(input("x", [8, 40]) as unknown as Scope, scope as unknown as Value, 4),
        "Expected `linearLayer` to be given the model's scope first, as in linearLayer(scope, x, ...)",
      ],
    ] as const)
      expect(build).toThrow(message);
  });

  it("says how options are given where a pooling gets a number for them", () => {
    const x = input("x", [1, 1, 4, 4]);
    for (const pool of [maxPool, averagePool] as unknown as ((...args: unknown[]) => Value)[])
      expect(() => pool(x, 2, { stride: 2 })).toThrow(
        /^Expected the options of `(max|average)Pool` to be an object of kernel, stride, padding, got 2\.$/,
      );
    expect(maxPool(x, { kernel: 2, stride: 2 }).shape).toEqual([1, 1, 2, 2]);
  });
});

describe("a scope", () => {
  const x = input("x", [2, 3]);

  it("refuses a second layer, whose weights would be those of the first", () => {
    const scope = new Scope("train");
    nn.linearLayer(scope.child("fc"), x, 3);
    const taken = scope.child("taken");
    nn.linearLayer(taken, x, 3);
    expect(() => nn.linearLayer(taken, x, 3)).toThrow(
      'In linearLayer at `taken`: Expected one layer at `taken`, got linearLayer beside linearLayer: give each a `scope.child("name")` of its own; to share weights on purpose, ask for the same child again.',
    );
    expect(() => nn.batchNormalizationLayer(taken, x)).toThrow("batchNormalizationLayer beside linearLayer");
  });

  it("shares the weights of a layer whose child is asked for again, and of no other kind of layer", () => {
    const scope = new Scope("train");
    for (const _tower of [0, 1]) nn.linearLayer(scope.child("tower"), x, 3);
    expect(scope.parameters.map(({ name }) => name)).toEqual(["tower.weight", "tower.bias"]);
    const tokens = input("t", [2], "int32");
    expect(() => nn.embeddingLayer(scope.child("tower"), tokens, 3, 3)).toThrow(
      "embeddingLayer beside linearLayer",
    );
    expect(() => nn.linearLayer(scope.child("tower"), x, 4)).toThrow("to keep shape [3,3], got [4,3]");
  });

  it("gives every dropout a mask of its own, whatever stands on it beside", () => {
    const scope = new Scope("train");
    const hidden = nn.dropoutLayer(scope, nn.linearLayer(scope, x, 3), 0.5);
    nn.dropoutLayer(scope, hidden, 0.5);
    nn.dropoutLayer(scope.child("mask"), hidden, 0.5);
    scope.mask("mask.2", [2], 0.5);
    const names = scope.masks.map(({ name }) => name);
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(4);
  });

  it("refuses a child without a name, and a statistic that nobody asked for", () => {
    const scope = new Scope("train");
    for (const name of ["", undefined, 3])
      expect(() => scope.child(name as string)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    expect(() => scope.updateStatistic("running_mean", x)).toThrow("ask for it by `scope.statistic` first");
  });
});

describe("the public functions of nn", () => {
  const onNumbers = [
    "filled",
    "normal",
    "normalFanIn",
    "uniform",
    "uniformFanIn",
    "repeated",
    "initialWeights",
    "layOut",
    "views",
  ];
  const layers = Object.entries({ ...nn, ...inner } as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >).filter(([name]) => name !== "Scope" && !onNumbers.includes(name));

  it("are these layers, and functions on numbers", () => {
    expect(layers.map(([name]) => name).sort()).toEqual([
      "batchNormalizationLayer",
      "convolutionLayer",
      "dropoutLayer",
      "embeddingLayer",
      "gruLayer",
      "layerNormalizationLayer",
      "linearLayer",
      "lstmLayer",
      "oneHot",
      "populationAttention",
      "populationBatchNormalization",
      "populationConvolution",
      "populationEmbedding",
      "populationGru",
      "populationLayerNormalization",
      "populationLinear",
      "populationLstm",
      "populationRows",
      "selfAttentionLayer",
    ]);
  });

  it.each(layers)("%s answers arguments of any kind with tensors or one line of ours", (name, layer) => {
    const strange = [...strangeArguments, new Scope("train"), new Scope("eval", 2)];
    for (const first of strange) {
      expectOurs(name, layer, [first]);
      for (const second of strange) expectOurs(name, layer, [first, second, 4, 3]);
    }
    const shapes = [
      [2, 3],
      [2, 3, 4],
      [2, 3, 4, 4],
    ];
    for (const x of [...shapes.map((shape) => input("x", shape)), input("t", [2, 3], "int32")])
      for (const members of [undefined, 2])
        for (const third of strange) {
          expectOurs(name, layer, [new Scope("train", members), x, third]);
          for (const fourth of [null, 3, [1, 2], { stride: 2 }]) {
            expectOurs(name, layer, [new Scope("train", members), x, third, fourth]);
            expectOurs(name, layer, [new Scope("eval", members), x, 2, third, fourth]);
          }
        }
  });
});
