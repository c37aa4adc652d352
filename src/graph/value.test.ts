import { describe, expect, test } from "vitest";
import { constant } from "./index.ts";
import { elements, normaliseAxis, sameShape } from "./internal.ts";

describe("constant", () => {
  test("is a vector unless a shape is given", () => {
    expect(constant([1, 2, 3]).shape).toEqual([3]);
  });

  test("refuses data that does not fill its shape", () => {
    expect(() => constant([1, 2, 3], [2, 2])).toThrow("Expected 4 elements for shape [2,2], got 3.");
  });
});

describe("elements", () => {
  test("is the product of the sizes, 1 for a scalar", () => {
    expect([elements([2, 3]), elements([]), elements([0, 4])]).toEqual([6, 1, 0]);
  });
});

describe("sameShape", () => {
  test("compares rank and sizes", () => {
    expect([sameShape([2, 3], [2, 3]), sameShape([2], [2, 1]), sameShape([2, 3], [3, 2])]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("normaliseAxis", () => {
  test("counts a negative axis from the end", () => {
    expect([normaliseAxis(-1, 3), normaliseAxis(0, 3)]).toEqual([2, 0]);
  });

  test.each([3, -4, 0.5])("refuses %d as an axis of three", (axis) => {
    expect(() => normaliseAxis(axis, 3)).toThrow("Expected an axis from -3 to 2");
  });
});
