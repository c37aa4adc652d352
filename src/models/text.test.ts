import { describe, expect, it } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { Engine } from "../engine/index.ts";
import { input } from "../graph/index.ts";
import { Scope } from "../nn/index.ts";
import { embeddingMean } from "./text.ts";

describe("embeddingMean", () => {
  it("takes the mean of the words alone, however much padding follows, and of no words zero", async () => {
    const engine = await Engine.create({ threads: 1, planFolder: null });
    const weights = {
      "w.embedding.weight": [7, 7, 1, 2, 3, 4, 5, 8],
      "w.linear.weight": [1, 0, 0, 1],
      "w.linear.bias": [0.5, -0.5],
    };
    const logits = async (batch: number, tokens: number[]) => {
      const x = input("x", [batch, tokens.length / batch], "int32");
      return (
        await evaluate(engine, { y: embeddingMean(4, 2)(new Scope("eval"), x) }, { ...weights, x: tokens })
      ).y;
    };
    // Words 1 and 3: the mean of (1, 2) and (5, 8) is (3, 5).
    expect(await logits(1, [1, 3])).toEqual([3.5, 4.5]);
    expect(await logits(3, [1, 3, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0])).toEqual([3.5, 4.5, 3.5, 4.5, 0.5, -0.5]);
  });
});
