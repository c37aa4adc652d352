export { type ErrorCode, MlrSnetError } from "./errors.ts";
export * from "./schedules/index.ts";
