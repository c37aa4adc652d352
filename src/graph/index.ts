export { differentiate, topologicalOrder } from "./differentiate.ts";
export { encodeModel, type LoweringChoice } from "./onnx.ts";
export {
  type Attributes,
  apply,
  applyAll,
  type Emitter,
  type Lowering,
  type Node,
  type OnnxAttributes,
  type Operator,
} from "./operator.ts";
export { add, divide, multiply, negate, subtract } from "./operators/arithmetic.ts";
export { broadcastShapes, broadcastTo, reduceSum, reshapeTo, sumTo } from "./operators/broadcast.ts";
export { conv } from "./operators/conv.ts";
export type { ConvOptions } from "./operators/conv-geometry.ts";
export { linear, matMul } from "./operators/matmul.ts";
export {
  constant,
  type DataType,
  elements,
  input,
  normaliseAxis,
  type Shape,
  sameShape,
  scalar,
  type TensorType,
  type Value,
} from "./value.ts";
