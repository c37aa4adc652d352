export { differentiate } from "./differentiate.ts";
export type { LoweringChoice } from "./onnx.ts";
export type {
  Attributes,
  Batched,
  BatchingRule,
  Emitter,
  Lowering,
  Members,
  Node,
  OnnxAttributes,
  Operator,
} from "./operator.ts";
export { apply, applyAll } from "./operator.ts";
export { argMax } from "./operators/arg-max.ts";
export { add, divide, multiply, negate, subtract } from "./operators/arithmetic.ts";
export { averagePool } from "./operators/average-pool.ts";
export { batchNormalization, batchNormalizationInference } from "./operators/batch-normalization.ts";
export { broadcastTo, reduceSum, reshapeTo } from "./operators/broadcast.ts";
export { cast, stopGradient } from "./operators/cast.ts";
export { channelAffine, channelDot, channelSum } from "./operators/channels.ts";
export { correctPredictions, softmaxCrossEntropy } from "./operators/classification.ts";
export { conv } from "./operators/conv.ts";
export type { ConvOptions } from "./operators/conv-geometry.ts";
export { dropout } from "./operators/dropout.ts";
export { embedding } from "./operators/embedding.ts";
export { gelu, geluTanh, silu } from "./operators/gelu.ts";
export { globalAveragePool } from "./operators/global-average-pool.ts";
export { gruCell, gruStep, type RecurrentWeights } from "./operators/gru-cell.ts";
export { layerNormalization } from "./operators/layer-normalization.ts";
export { concat, pad, slice, split, transpose } from "./operators/layout.ts";
export { type LstmState, lstmCell, lstmStep } from "./operators/lstm-cell.ts";
export { linear, matMul } from "./operators/matmul.ts";
export { maxPool } from "./operators/max-pool.ts";
export type { PoolOptions } from "./operators/pool.ts";
export { reduceMax, reduceMean, squaredError } from "./operators/reduce.ts";
export { leakyRelu, relu } from "./operators/relu.ts";
export { clip, equal, greater, maximum, where } from "./operators/select.ts";
export { logSoftmax, softmax } from "./operators/softmax.ts";
export { abs, erf, exp, log, power, sigmoid, sign, softplus, sqrt, square, tanh } from "./operators/unary.ts";
export { constant, type DataType, input, type Shape, scalar, type TensorType, type Value } from "./value.ts";
export { vmap } from "./vmap.ts";
