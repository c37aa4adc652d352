import type { StartWorker } from "../src/workers/index.ts";

export type TestData = { base: number; errors: string; fails?: boolean };
export type TestRequest =
  | { add: number }
  | { wait: true }
  | { die: true }
  | { refuse: string }
  | { fail: string }
  | { uncopyable: unknown }
  | { count: true };

export declare const start: StartWorker<TestData, TestRequest, number, { of: number } | "waiting">;
