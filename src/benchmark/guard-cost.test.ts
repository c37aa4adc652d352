import { describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { type GuardCostProgress, guardCost } from "./guard-cost.ts";

describe("guardCost", () => {
  it("saves a run that diverges without it, and leaves the tuned run as it is, bit for bit.", async () => {
    const engine = await Engine.create({ threads: 1, planFolder: null });
    const generator = guardCost({ engine, networks: ["mlp"], seeds: 1, steps: 40 });
    const progress: GuardCostProgress[] = [];
    let result = await generator.next();
    for (; !result.done; result = await generator.next()) progress.push(result.value);
    const [tuned, forced] = result.value.results;
    expect(tuned!.guarded).toMatchObject({ acts: 0, mean: tuned!.without.mean });
    expect(tuned!.runs[1]!.loss).toBe(tuned!.runs[0]!.loss);
    expect(forced).toMatchObject({
      baseRate: 16,
      without: { diverged: 1, acts: 0 },
      guarded: { diverged: 0 },
    });
    expect(forced!.guarded.acts).toBeGreaterThan(0);
    expect(forced!.guarded.mean).toBeGreaterThan(0.2);
    expect(progress.every(({ done, total }) => done <= total)).toBe(true);
  });
});
