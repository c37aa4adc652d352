import { describe, expect, it } from "vitest";
import { philox4x32, Random, uniforms } from "./random.ts";

describe("philox4x32", () => {
  it("gives the known answers published with Random123", () => {
    const hex = (words: readonly number[]) =>
      words.map((word) => word.toString(16).padStart(8, "0")).join(" ");
    expect(hex(philox4x32([0, 0, 0, 0], [0, 0]))).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    const ones = 0xffffffff;
    expect(hex(philox4x32([ones, ones, ones, ones], [ones, ones]))).toBe(
      "408f276d 41c83b0e a20bc7c6 6d5451fd",
    );
    expect(hex(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    );
  });
});

describe("Random", () => {
  it("goes on from a saved state with the same numbers, also in the middle of a block", () => {
    for (const skip of [0, 1, 3, 4, 7]) {
      const random = new Random(7, "stream", 2);
      for (let index = 0; index < skip; index++) random.word();
      const resumed = Random.fromState(JSON.parse(JSON.stringify(random.state)));
      const expected = Array.from({ length: 9 }, () => random.word());
      expect(Array.from({ length: 9 }, () => resumed.word())).toEqual(expected);
    }
  });

  it("gives other numbers for another seed, another path and the number 1 instead of the text 1", () => {
    const first = [new Random(1), new Random(2), new Random(1, "a"), new Random(1, 1), new Random(1, "1")];
    expect(new Set(first.map((random) => random.word())).size).toBe(5);
  });

  it("draws uniform and normal numbers with the right first two moments", () => {
    const random = new Random(3);
    const uniform = Array.from({ length: 20_000 }, () => random.uniform());
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(uniform)).toBeCloseTo(0.5, 1.8);
    expect(mean(uniform.map((value) => value * value))).toBeCloseTo(1 / 3, 1.8);
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(Math.abs(mean(normal.map((value) => value * value)) - 1)).toBeLessThan(0.05);
  });

  it("permutes: every index once", () => {
    const order = new Random(5).permutation(100);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
  });
});

describe("uniforms", () => {
  it("gives the numbers that a generator of the same seed and path draws one after another", () => {
    const random = new Random(2 ** 40 + 3, "weights", 3);
    const expected = Float64Array.from({ length: 101 }, () => random.uniform());
    expect(uniforms(101, 2 ** 40 + 3, "weights", 3)).toEqual(expected);
  });
});
