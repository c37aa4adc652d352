import { describe, expect, it } from "vitest";
import { footprint, liveFootprint } from "./footprint.ts";
import { add, input, reduceSum, relu, reshapeTo, split } from "./index.ts";

const x = input("x", [10]);

describe("footprint", () => {
  it("counts all that is computed, once, and neither inputs nor views", () => {
    const a = relu(x);
    expect(footprint({ sum: reduceSum(add(reshapeTo(a, [2, 5]), reshapeTo(x, [2, 5]))) })).toBe(21);
  });
});

describe("liveFootprint", () => {
  it("counts what is needed at once: of a chain two tensors, however long it is", () => {
    let value = x;
    for (let layer = 0; layer < 10; layer++) value = relu(value);
    expect(liveFootprint({ value })).toBe(20);
    expect(footprint({ value })).toBe(100);
  });

  it("keeps what is used again, through a view too, and what is an output", () => {
    const first = relu(x);
    const deep = relu(relu(relu(reshapeTo(first, [2, 5]))));
    expect(liveFootprint({ y: add(deep, reshapeTo(first, [2, 5])) })).toBe(30);
    expect(liveFootprint({ first, y: relu(relu(relu(x))) })).toBe(30);
  });

  it("drops outputs of a node that nobody uses", () => {
    const [left] = split(x, [3, 7], 0);
    expect(liveFootprint({ y: relu(left!) })).toBe(10);
  });
});
