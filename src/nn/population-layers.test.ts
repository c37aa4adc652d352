import { beforeAll, describe, expect, it } from "vitest";
import { comparePopulation } from "../../test/compare-population.ts";
import { evaluate } from "../../test/evaluate.ts";
import { Engine } from "../engine/index.ts";
import {
  add,
  concat,
  constant,
  conv,
  layerNormalization,
  matMul,
  multiply,
  reshapeTo,
  softmax,
  split,
  transpose,
  type Value,
} from "../graph/index.ts";
import {
  batchNormalizationLayer,
  embeddingLayer,
  filled,
  gruLayer,
  linearLayer,
  lstmLayer,
  Scope,
} from "./index.ts";
import {
  oneHot,
  populationAttention,
  populationBatchNormalization,
  populationConvolution,
  populationEmbedding,
  populationGru,
  populationLayerNormalization,
  populationLinear,
  populationLstm,
} from "./internal.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

/** The plain layers have the batch first, populations have it last: both ways. */
const batchFirst = (x: Value): Value => transpose(x, [x.shape.length - 1, ...x.shape.keys()].slice(0, -1));
const batchLast = (x: Value): Value => transpose(x, [...[...x.shape.keys()].slice(1), 0]);
/** [features, time, batch] to [batch, time, features] and back. */
const reversed = (x: Value): Value => transpose(x);

describe("populationLinear", () => {
  it.each([true, false])("is a linear layer for each member, x shared: %s", async (shared) => {
    await comparePopulation(engine, {
      x: [4, 5],
      shared,
      population: (scope, x) => populationLinear(scope, x, 3),
      single: (scope, x) => transpose(linearLayer(scope, transpose(x), 3)),
    });
  });
});

describe("populationConvolution", () => {
  it.each([
    { kernel: [3], x: [2, 7, 4], stride: 1, padding: 1 },
    { kernel: [5], x: [2, 12, 4], stride: 2, padding: 2 },
    { kernel: [3], x: [2, 11, 4], stride: 2, padding: 1 },
    { kernel: [2], x: [2, 11, 4], stride: 3, padding: 0 },
    { kernel: [1], x: [2, 9, 4], stride: 2, padding: 0 },
    { kernel: [3, 3], x: [2, 6, 6, 4], stride: 2, padding: 1 },
    { kernel: [3, 2], x: [2, 5, 7, 4], stride: 1, padding: 1 },
    { kernel: [5], x: [1, 12, 4], stride: 2, padding: 2, shared: true },
    { kernel: [3, 3], x: [3, 6, 6, 2], stride: 2, padding: 1, shared: true },
  ])("is a convolution for each member: $kernel on $x, stride $stride", async (row) => {
    const { kernel, stride, padding, x, ...rest } = row;
    const [channels] = x as [number];
    const taps = kernel.reduce((product, side) => product * side, 1);
    await comparePopulation(engine, {
      x,
      ...rest,
      population: (scope, value) => populationConvolution(scope, value, 3, kernel, { stride, padding }),
      single: (scope, value) => {
        const flat = scope.parameter("weight", [3, taps * channels], filled(0));
        const channelsLast = reshapeTo(flat, [3, ...kernel, channels]);
        const weight = transpose(channelsLast, [0, kernel.length + 1, ...kernel.map((_, axis) => axis + 1)]);
        const bias = scope.parameter("bias", [3], filled(0));
        return batchLast(conv(batchFirst(value), weight, { stride, padding, bias }));
      },
    });
  });
});

describe("populationBatchNormalization", () => {
  it.each(["train", "eval"] as const)("normalises each member by itself, mode %s", async (mode) => {
    await comparePopulation(engine, {
      x: [4, 5, 3],
      mode,
      population: (scope, x) => populationBatchNormalization(scope, x),
      single: (scope, x) => batchLast(batchNormalizationLayer(scope, batchFirst(x))),
    });
  });
});

describe("populationLayerNormalization", () => {
  it("normalises the features of each column", async () => {
    await comparePopulation(engine, {
      x: [4, 5, 3],
      population: (scope, x) => populationLayerNormalization(scope, x),
      single: (scope, x) => {
        const weight = scope.parameter("weight", [4], filled(1));
        return reversed(layerNormalization(reversed(x), weight, scope.parameter("bias", [4], filled(0))));
      },
    });
  });
});

describe("populationLayerNormalization with the features last", () => {
  it("normalises the features of each row", async () => {
    await comparePopulation(engine, {
      x: [3, 5, 4],
      population: (scope, x) => populationLayerNormalization(scope, x, { axis: -1 }),
      single: (scope, x) =>
        layerNormalization(
          x,
          scope.parameter("weight", [4], filled(1)),
          scope.parameter("bias", [4], filled(0)),
        ),
    });
  });
});

describe("populationGru and populationLstm", () => {
  it.each([
    { name: "GRU", population: populationGru, layer: gruLayer, shared: false },
    { name: "GRU on shared inputs", population: populationGru, layer: gruLayer, shared: true },
    { name: "LSTM", population: populationLstm, layer: lstmLayer, shared: false },
  ])("$name: gives each member its states after each step", async ({ population, layer, shared }) => {
    await comparePopulation(engine, {
      x: [2, 4, 3],
      shared,
      population: (scope, x) => concat(population(scope, x, 5), 1),
      single: (scope, x) => reshapeTo(transpose(layer(scope, reversed(x), 5), [1, 2, 0]), [4 * 5, 3]),
    });
  });
});

describe("populationAttention", () => {
  it("mixes the positions of each example by the softmax of their products", async () => {
    const [features, time, batch] = [4, 5, 3];
    await comparePopulation(engine, {
      x: [batch, time, features],
      population: (scope, x) => add(x, populationAttention(scope, x)),
      single: (scope, x) => {
        const rows = (value: Value) => reshapeTo(value, [batch * time, value.shape.at(-1)!]);
        const projected = linearLayer(scope.child("in_proj"), rows(x), 3 * features);
        const [q, k, v] = split(reshapeTo(projected, [batch, time, 3 * features]), [4, 4, 4], 2);
        const weights = softmax(multiply(matMul(q!, transpose(k!, [0, 2, 1])), 0.5));
        const out = linearLayer(scope.child("out_proj"), rows(matMul(weights, v!)), features);
        return add(x, reshapeTo(out, [batch, time, features]));
      },
    });
  });
});

describe("populationEmbedding", () => {
  const tokens = constant([0, 3, 3, 1, 2, 0], [3, 2], "int32");

  it("marks each token, the batch last", async () => {
    const { y } = await evaluate(engine, { y: oneHot(tokens, 4) }, {});
    // The columns are the tokens 0, 3, 2 of the first time step, then 3, 1, 0 of the second.
    const rows = ["100001", "000010", "001000", "010100"];
    expect(y).toEqual([...rows.join("")].map(Number));
  });

  it("gives each member its own vectors", async () => {
    await comparePopulation(engine, {
      x: [1],
      shared: true,
      population: (scope, x) => multiply(populationEmbedding(scope, oneHot(tokens, 4), 5), x),
      single: (scope, x) => multiply(reversed(embeddingLayer(scope, tokens, 4, 5)), x),
    });
  });

  it("refuses the scope of one network", () => {
    expect(() => populationEmbedding(new Scope("train"), oneHot(tokens, 4), 5)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});
