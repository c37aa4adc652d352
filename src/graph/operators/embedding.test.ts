import { describe, expect, it } from "vitest";
import { Engine } from "../../engine/index.ts";
import { differentiate, embedding, input, multiply, reduceSum } from "../index.ts";

describe("the gradient of embedding", () => {
  it("adds up repeated tokens to the same bits each time, also on two threads", async () => {
    const engine = await Engine.create({ threads: 2, planFolder: null });
    const weight = input("weight", [8, 16]);
    const tokens = input("tokens", [2048], "int32");
    const dy = input("dy", [2048, 16]);
    const [gradient] = differentiate(reduceSum(multiply(embedding(weight, tokens), dy)), [weight]);
    const program = await engine.compile({ gradient: gradient! });
    const result = new Float32Array(8 * 16);
    const bound = program.bind(
      {
        tokens: Int32Array.from({ length: 2048 }, (_, place) => (place * place) % 3),
        // Sums of numbers of very different size depend on their order.
        dy: Float32Array.from({ length: 2048 * 16 }, (_, index) => Math.sin(index) * 10 ** (index % 7)),
      },
      { gradient: result },
    );
    await bound.run();
    const first = result.slice();
    expect(first.some((value) => value !== 0)).toBe(true);
    for (let round = 0; round < 20; round++) {
      await bound.run();
      expect(result).toEqual(first);
    }
    expect([...result.subarray(2 * 16)].every((value) => value === 0)).toBe(true);
    await program.release();
  });
});
