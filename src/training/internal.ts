/* The inner door: what other floors need of training/ and users do not. No entry of the package. */
export { checkTraining } from "./check-run.ts";
export { inLanes, inTurn } from "./evaluation.ts";
export { fractionCorrect } from "./losses.ts";
export { allocateMasks, drawMasks, maskInputs } from "./masks.ts";
export { biasCorrections, slotsOf, updateDirection } from "./optimizers.ts";
export { gradientGraph, traceNetwork } from "./step-graphs.ts";
export { checkTask, lossOf } from "./task.ts";
export { batchesOf, contextOf, trainingBatches } from "./task-run.ts";
export { findTask } from "./tasks.ts";
