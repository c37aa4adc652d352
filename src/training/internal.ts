/* The inner door: what other floors need of training/ and users do not. No entry of the package. */
export { checkWritable } from "../atomic-file.ts";
export { checkTraining } from "./check-run.ts";
export { biasCorrections, slotsOf, updateDirection } from "./optimizers.ts";
export { RecordFile } from "./record-file.ts";
export { checkTask } from "./task.ts";
export { findTask } from "./tasks.ts";
export { contextOf } from "./train.ts";
