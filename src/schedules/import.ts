/* The entry `mlr-snet/import`, apart from the core so that who never reads a checkpoint of PyTorch does not load its reader. */
export { importPyTorch } from "./mlr-snet/pytorch-import.ts";
