export { channelBlock } from "./channel-block.ts";
export { Engine, type EngineOptions } from "./engine.ts";
export type { LoweringRecord } from "./plan-journal.ts";
export type { BoundProgram, Buffer, Buffers, Program } from "./program.ts";
export type { Device, Runtime } from "./runtime.ts";
