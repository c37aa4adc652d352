import * as g from "../src/graph/index.ts";
import { input, type Value } from "../src/graph/index.ts";
import golden from "./golden/operators.json" with { type: "json" };

type Golden = typeof golden;

/** One operator under test. Its inputs, and PyTorch's numbers, are those of the same name in golden/operators.py. */
export type OperatorRow<InputName extends string = string> = {
  readonly build: (inputs: Readonly<Record<InputName, Value>>) => Value;
  /** False where they do not see what the operator does. */
  readonly finiteDifferences?: boolean;
  /** Calls that the shape rule must refuse. */
  readonly rejects?: readonly (() => unknown)[];
};

type Rows = { readonly [Name in keyof Golden]: OperatorRow<keyof Golden[Name]["inputs"] & string> };

const x = (...shape: number[]) => input("x", shape);
const integers = (...shape: number[]) => input("n", shape, "int32");
const recurrent = (gates: number) => ({
  inputWeight: x(gates * 3, 2),
  hiddenWeight: x(gates * 3, 3),
  inputBias: x(gates * 3),
  hiddenBias: x(gates * 3),
});

/** Every operator of src/graph, one row or more. */
export const rows: Rows = {
  add: { build: ({ a, b }) => g.add(a, b), rejects: [() => g.add(x(2), x(3))] },
  subtract: { build: ({ a, b }) => g.subtract(a, b), rejects: [() => g.subtract(x(2, 2), x(3))] },
  multiply: { build: ({ a, b }) => g.multiply(a, b), rejects: [() => g.multiply(x(2), x(2, 3))] },
  divide: { build: ({ a, b }) => g.divide(a, b), rejects: [() => g.divide(x(2), x(3))] },
  negate: { build: (i) => g.negate(i.x) },

  reduceSum: { build: (i) => g.reduceSum(i.x, [0, 2]), rejects: [() => g.reduceSum(x(2), [1])] },
  "reduceSum keeping dimensions": { build: (i) => g.reduceSum(i.x, [-2], { keepDimensions: true }) },
  reduceMean: { build: (i) => g.reduceMean(i.x, [0, 2]), rejects: [() => g.reduceMean(x(2), [-2])] },
  reduceMax: { build: (i) => g.reduceMax(i.x, [0, 2]), rejects: [() => g.reduceMax(x(2), [0.5])] },
  broadcastTo: {
    build: (i) => g.broadcastTo(i.x, [2, 3, 4]),
    rejects: [() => g.broadcastTo(x(2), [3]), () => g.broadcastTo(x(2, 3), [3])],
  },
  reshapeTo: { build: (i) => g.reshapeTo(i.x, [3, 4]), rejects: [() => g.reshapeTo(x(6), [4, 2])] },
  transpose: {
    build: (i) => g.transpose(i.x, [1, 2, 0]),
    rejects: [() => g.transpose(x(2, 3), [0]), () => g.transpose(x(2, 3), [1, 1])],
  },
  concat: {
    build: ({ a, b }) => g.concat([a, b, a], -1),
    rejects: [() => g.concat([x(2, 3), x(3, 3)], 1), () => g.concat([x(2), x(2)], 1), () => g.concat([], 0)],
  },
  split: {
    build: (i) => {
      const [a, , c] = g.split(i.x, [2, 2, 2], 1);
      return g.multiply(a!, c!);
    },
    rejects: [() => g.split(x(5), [2, 2], 0)],
  },
  slice: {
    build: (i) => g.slice(i.x, 1, 1, 4),
    rejects: [() => g.slice(x(3), 0, 2, 4), () => g.slice(x(3), 0, 2, 2), () => g.slice(x(3), 1, 0, 1)],
  },
  pad: {
    build: (i) => g.pad(i.x, [2, 0], [1, 3]),
    rejects: [() => g.pad(x(3), [1, 1], [0, 0]), () => g.pad(x(3), [-1], [0])],
  },

  matMul: { build: ({ a, b }) => g.matMul(a, b), rejects: [() => g.matMul(x(2, 3), x(2, 3))] },
  "matMul with both sides transposed": {
    build: ({ a, b }) => g.matMul(a, b, { transposeA: true, transposeB: true }),
    rejects: [() => g.matMul(x(2, 3), x(3, 2), { transposeA: true }), () => g.matMul(x(2), x(2, 3))],
  },
  "matMul in batches": {
    build: ({ a, b }) => g.matMul(a, b, { transposeB: true }),
    rejects: [() => g.matMul(x(2, 3, 4), x(3, 4, 5))],
  },
  linear: {
    build: (i) => g.linear(i.x, i.weight, i.bias),
    rejects: [() => g.linear(x(4, 3), x(3, 2), x(2)), () => g.linear(x(4, 3), x(2, 3), x(3))],
  },

  conv: {
    build: (i) => g.conv(i.x, i.weight, { bias: i.bias, stride: [2, 1], padding: 1 }),
    rejects: [() => g.conv(x(2, 2, 5), x(3, 1, 3)), () => g.conv(x(2, 2, 5), x(3, 2, 3), { bias: x(2) })],
  },
  "conv of sequences in groups": { build: (i) => g.conv(i.x, i.weight, { padding: 1, groups: 2 }) },

  relu: { build: (i) => g.relu(i.x) },
  leakyRelu: { build: (i) => g.leakyRelu(i.x, 0.1) },
  gelu: { build: (i) => g.gelu(i.x) },
  geluTanh: { build: (i) => g.geluTanh(i.x) },
  silu: { build: (i) => g.silu(i.x) },
  tanh: { build: (i) => g.tanh(i.x) },
  sigmoid: { build: (i) => g.sigmoid(i.x) },
  softplus: { build: (i) => g.softplus(i.x) },
  exp: { build: (i) => g.exp(i.x) },
  log: { build: (i) => g.log(i.x) },
  sqrt: { build: (i) => g.sqrt(i.x) },
  abs: { build: (i) => g.abs(i.x) },
  sign: { build: (i) => g.sign(i.x) },
  erf: { build: (i) => g.erf(i.x) },
  square: { build: (i) => g.square(i.x) },
  power: { build: (i) => g.power(i.x, 1.5) },

  maximum: { build: ({ a, b }) => g.maximum(a, b), rejects: [() => g.maximum(x(2), x(3))] },
  clip: { build: (i) => g.clip(i.x, -1.1, 0.9) },
  where: {
    build: ({ a, b }) => g.where(g.greater(a, g.scalar(0)), g.multiply(a, b), b),
    rejects: [() => g.where(x(2), x(2), x(2)), () => g.where(g.greater(x(2), x(2)), x(2), x(3))],
  },
  equal: { build: ({ a, b }) => g.equal(a, b), rejects: [() => g.equal(x(2), x(3))] },
  greater: { build: ({ a, b }) => g.greater(a, b), rejects: [() => g.greater(x(2), x(3))] },
  cast: { build: (i) => g.cast(i.x, "float32") },
  stopGradient: { build: (i) => g.multiply(i.x, g.stopGradient(i.x)), finiteDifferences: false },
  argMax: { build: (i) => g.argMax(i.x, 1), rejects: [() => g.argMax(x(2), 1)] },

  softmax: { build: (i) => g.softmax(i.x), rejects: [() => g.softmax(x())] },
  "softmax over the first axis": { build: (i) => g.softmax(i.x, 0) },
  logSoftmax: { build: (i) => g.logSoftmax(i.x), rejects: [() => g.logSoftmax(x(2), 1)] },
  softmaxCrossEntropy: {
    build: ({ logits, labels }) => g.softmaxCrossEntropy(logits, labels),
    rejects: [
      () => g.softmaxCrossEntropy(x(2, 3), x(2)),
      () => g.softmaxCrossEntropy(x(2, 3), integers(3)),
      () => g.softmaxCrossEntropy(x(2), integers(2)),
    ],
  },
  "softmaxCrossEntropy of large logits": {
    build: ({ logits, labels }) => g.softmaxCrossEntropy(logits, labels),
  },
  correctPredictions: {
    build: ({ logits, labels }) => g.correctPredictions(logits, labels),
    rejects: [() => g.correctPredictions(x(2, 3), integers(2, 1))],
  },
  squaredError: {
    build: ({ prediction, target }) => g.squaredError(prediction, target),
    rejects: [() => g.squaredError(x(2, 3), x(3, 3)), () => g.squaredError(x(2, 3), x(2, 1))],
  },

  channelAffine: {
    build: (i) => g.channelAffine(i.x, i.a, i.b),
    rejects: [() => g.channelAffine(x(2, 3, 4), x(4)), () => g.channelAffine(x(3), x(3))],
  },
  channelSum: { build: (i) => g.channelSum(i.x), rejects: [() => g.channelSum(x(3))] },
  "channelSum of images": { build: (i) => g.channelSum(i.x) },
  channelDot: {
    build: ({ u, v }) => g.channelDot(u, v),
    rejects: [() => g.channelDot(x(2, 3), x(3, 2)), () => g.channelDot(x(2), x(2))],
  },
  batchNormalization: {
    build: (i) => g.batchNormalization(i.x, i.scale, i.bias).y,
    rejects: [
      () => g.batchNormalization(x(2, 3, 4), x(4), x(4)),
      () => g.batchNormalization(x(2, 3, 4), x(3), x(1)),
    ],
  },
  "batchNormalization of vectors": { build: (i) => g.batchNormalization(i.x, i.scale, i.bias).y },
  "batchNormalization twice with shared constants": {
    build: (i) => {
      const once = g.batchNormalization(i.x, i.scale, i.bias).y;
      return g.batchNormalization(g.tanh(once), i.scale, i.bias).y;
    },
  },
  "batchNormalization's mean": {
    build: (i) => g.batchNormalization(i.x, g.constant([1, 2]), g.constant([1, 2])).mean,
  },
  "batchNormalization's variance": {
    build: (i) => g.batchNormalization(i.x, g.constant([1, 2]), g.constant([1, 2])).variance,
  },
  batchNormalizationInference: {
    build: (i) => {
      const statistics = { mean: g.stopGradient(i.mean), variance: g.stopGradient(i.variance) };
      return g.batchNormalizationInference(i.x, i.scale, i.bias, statistics);
    },
    rejects: [() => g.batchNormalizationInference(x(2, 3), x(3), x(3), { mean: x(2), variance: x(3) })],
  },
  layerNormalization: {
    build: (i) => g.layerNormalization(i.x, i.scale, i.bias),
    rejects: [
      () => g.layerNormalization(x(2, 3), x(2), x(2)),
      () => g.layerNormalization(x(2, 3), x(3), x(1)),
    ],
  },
  "layerNormalization over two axes": { build: (i) => g.layerNormalization(i.x, i.scale, i.bias) },

  maxPool: {
    build: (i) => g.maxPool(i.x, { kernel: 2 }),
    rejects: [() => g.maxPool(x(2, 3), { kernel: 2 }), () => g.maxPool(x(2, 3, 4), { kernel: [2, 2] })],
  },
  "maxPool of overlapping windows": {
    build: (i) => g.maxPool(i.x, { kernel: [3, 2], stride: [2, 1], padding: 1 }),
    rejects: [
      () => g.maxPool(x(2, 3, 4), { kernel: 5 }),
      () => g.maxPool(x(2, 3, 4), { kernel: 2, padding: 2 }),
    ],
  },
  "maxPool of sequences": { build: (i) => g.maxPool(i.x, { kernel: 3, stride: 2, padding: 1 }) },
  averagePool: {
    build: (i) => g.averagePool(i.x, { kernel: 2 }),
    rejects: [() => g.averagePool(x(2, 3, 4), { kernel: 0 }), () => g.averagePool(x(2), { kernel: 1 })],
  },
  "averagePool of overlapping windows": {
    build: (i) => g.averagePool(i.x, { kernel: [3, 2], stride: [2, 1], padding: 1 }),
  },
  "averagePool of sequences": { build: (i) => g.averagePool(i.x, { kernel: 3, stride: 2, padding: 1 }) },
  globalAveragePool: {
    build: (i) => g.globalAveragePool(i.x),
    rejects: [() => g.globalAveragePool(x(2, 3))],
  },
  "globalAveragePool of sequences": { build: (i) => g.globalAveragePool(i.x) },

  dropout: { build: (i) => g.dropout(i.x, i.mask), rejects: [() => g.dropout(x(2, 3), x(3))] },
  embedding: {
    build: ({ weight, tokens }) => g.embedding(weight, tokens),
    rejects: [() => g.embedding(x(4, 3), x(2)), () => g.embedding(x(4), integers(2))],
  },
  "embedding of sequences": { build: ({ weight, tokens }) => g.embedding(weight, tokens) },
  gruCell: {
    build: (i) => g.gruCell(i.x, i.hidden, i),
    rejects: [
      () => g.gruCell(x(2, 2), x(2, 4), recurrent(3)),
      () => g.gruCell(x(2, 2), x(2, 3), recurrent(4)),
    ],
  },
  lstmCell: {
    build: (i) => {
      const { hidden, cell } = g.lstmCell(i.x, i, i);
      return g.concat([hidden, cell], 1);
    },
    rejects: [() => g.lstmCell(x(2, 2), { hidden: x(2, 4), cell: x(2, 4) }, recurrent(4))],
  },
};
