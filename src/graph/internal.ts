/* The inner door: what other floors need of graph/ and users do not. No entry of the package. */
export { topologicalOrder } from "./differentiate.ts";
export { encodeModel } from "./onnx.ts";
export { apply } from "./operator.ts";
export { checkTensor, elements, normaliseAxis, sameShape, shapeOf } from "./value.ts";
