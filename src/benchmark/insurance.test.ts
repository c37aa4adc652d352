import { describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { type InsuranceProgress, insurance } from "./insurance.ts";

describe("insurance", () => {
  it("saves a run that diverges without it, and leaves the tuned run as it is, bit for bit.", async () => {
    const engine = await Engine.create({ threads: 1, planFolder: null });
    const generator = insurance({ engine, networks: ["mlp"], seeds: 1, steps: 40 });
    const progress: InsuranceProgress[] = [];
    let result = await generator.next();
    for (; !result.done; result = await generator.next()) progress.push(result.value);
    const [tuned, forced] = result.value.results;
    expect(tuned!.insured).toMatchObject({ acts: 0, mean: tuned!.without.mean });
    expect(tuned!.runs[1]!.loss).toBe(tuned!.runs[0]!.loss);
    expect(forced).toMatchObject({
      baseRate: 16,
      without: { diverged: 1, acts: 0 },
      insured: { diverged: 0 },
    });
    expect(forced!.insured.acts).toBeGreaterThan(0);
    expect(forced!.insured.mean).toBeGreaterThan(0.2);
    expect(progress.every(({ done, total }) => done <= total)).toBe(true);
  });
});
