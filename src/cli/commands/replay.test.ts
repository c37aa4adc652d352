import { describe, expect, it } from "vitest";
import { type IntegratingOutput, presets } from "../../schedules/index.ts";
import { equalFractions, initialiseParameters } from "../../schedules/internal.ts";
import { replay } from "./replay.ts";

describe("replay", () => {
  it("gives the rates of a schedule of the integrating form, with no p and no γ", () => {
    const cell = presets.transfer;
    const thetas = [1, 2].map((seed) => initialiseParameters(cell, seed));
    const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(2), thetas };
    const { start, step: δ } = cell.output as IntegratingOutput;
    const context = { totalSteps: 3, usualRate: 0.001 };
    const result = replay({ cell, snapshots, provenance: {} }, [2.3, 2.1, 1.7], context);
    expect(result).toEqual({ p: [], gamma: null, learningRates: result.learningRates });
    expect(result.learningRates).toHaveLength(3);
    for (const [step, rate] of result.learningRates.entries()) {
      // Three steps have the rates of twenty.
      const annealed = 0.001 * Math.cbrt(1000 / 20) * start * (1 - step / 3);
      expect(Math.abs(Math.log(rate / annealed))).toBeLessThanOrEqual(δ * (step + 1));
    }
  });
});
