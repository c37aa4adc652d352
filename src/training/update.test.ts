import { describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { Random } from "../random.ts";
import { createUpdate, loopUpdate } from "./update.ts";

describe("createUpdate", () => {
  it("gives the same bits through the runtime as the plain loop, in place and into another array", async () => {
    const engine = await Engine.create({ planFolder: null });
    const random = new Random(1);
    const size = 70_000;
    const weights = Float32Array.from({ length: size }, () => random.normal());
    const direction = Float32Array.from({ length: size }, () => random.normal() * 3);
    const expected = new Float32Array(size);
    loopUpdate(weights, direction, expected, 0.1);
    const programs: Awaited<ReturnType<Engine["compile"]>>[] = [];
    const update = createUpdate(engine, weights, direction, programs);
    const other = new Float32Array(size);
    await update(other, 0.1);
    expect(other).toEqual(expected);
    await update(weights, 0.1);
    expect(weights).toEqual(expected);
    expect(programs).toHaveLength(1);
  });
});
