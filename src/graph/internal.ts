/* The inner door: what other floors need of graph/ and users do not. No entry of the package. */
export { topologicalOrder } from "./differentiate.ts";
export { footprint, liveFootprint } from "./footprint.ts";
export { encodeModel } from "./onnx.ts";
export { checkTensor, elements, normaliseAxis, sameShape, shapeOf } from "./value.ts";
