/* The entry `mlr-snet/pytorch`, apart from the core so that who never reads a checkpoint does not load its reader. */
export { importPyTorch } from "./mlr-snet/pytorch-import.ts";
