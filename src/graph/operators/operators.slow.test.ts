import { describe, expect, test } from "vitest";
import { evaluate } from "../../../test/evaluate.ts";
import { excess, operatorCases } from "../../../test/operator-cases.ts";
import { Engine } from "../../engine/index.ts";
import { input, negate } from "../index.ts";

const cpu = await Engine.create({ threads: 1, planFolder: null });
const webgpu = await Engine.create({ device: "webgpu", threads: 1, planFolder: null });
const missing = await evaluate(webgpu, { y: negate(input("x", [1])) }, { x: [1] }).then(
  () => undefined,
  (error: Error) => error.message,
);

describe("webgpu", () => {
  // In CI a missing adapter is a failure: elsewhere the reason is in the name of the skipped test.
  const skipped = missing !== undefined && process.env.CI !== "true";

  test.skipIf(skipped)(`has an adapter here${missing ? `, but: ${missing}` : ""}`, () => {
    expect(missing).toBeUndefined();
  });

  test.skipIf(missing !== undefined).each(operatorCases)("agrees with cpu on $name", async (row) => {
    const expected = await evaluate(cpu, row.outputs, row.feeds);
    const actual = await evaluate(webgpu, row.outputs, row.feeds);
    for (const [name, values] of Object.entries(expected))
      expect(excess(actual[name]!, values, 1e-4), name).toBeLessThan(1e-4);
  });
});
