/* The inner door: what other floors need of engine/ and users do not. No entry of the package. */
export { allocate } from "./program.ts";
export { loadRuntime } from "./runtime.ts";
