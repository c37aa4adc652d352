export { channelBlock } from "./channel-block.ts";
export { Engine, type EngineOptions } from "./engine.ts";
export type { LoweringRecord } from "./plan-journal.ts";
export { allocate, type BoundProgram, type Buffer, type Buffers, type Program } from "./program.ts";
export { type Device, devices, loadRuntime, type Runtime } from "./runtime.ts";
