import { afterEach, beforeEach, expect, vi } from "vitest";

// Console output fails a test: what a library prints, its user cannot switch off.
const methods = ["log", "info", "warn", "error", "debug"] as const;
let spies: ReturnType<typeof vi.spyOn>[] = [];

beforeEach(() => {
  spies = methods.map((method) => vi.spyOn(console, method));
});

afterEach(() => {
  const calls = spies.flatMap((spy) => spy.mock.calls);
  for (const spy of spies) spy.mockRestore();
  expect(calls, "the test wrote to the console").toEqual([]);
});
