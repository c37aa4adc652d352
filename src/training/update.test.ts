import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { allocateVectors, loopUpdate } from "./update.ts";

describe("allocateVectors", () => {
  it.each([3, 16_401])("updates %i weights with the bits of a plain loop, in place and elsewhere", (size) => {
    const random = new Random(1);
    const { weights, direction, lookAheadWeights, update } = allocateVectors(size);
    for (let i = 0; i < size; i++) weights[i] = random.normal();
    for (let i = 0; i < size; i++) direction[i] = random.normal() * 3;
    const before = weights.slice();
    const expected = new Float32Array(size);
    loopUpdate(weights, direction, expected, 0.1);
    update(lookAheadWeights, 0.1);
    expect(lookAheadWeights).toEqual(expected);
    expect(weights).toEqual(before);
    update(weights, 0.1);
    expect(weights).toEqual(expected);
  });
});
