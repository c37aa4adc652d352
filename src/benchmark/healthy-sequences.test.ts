import { describe, expect, it } from "vitest";
import { type HealthySequence, healthySequences, lossesOf } from "./healthy-sequences.ts";
import { shapes } from "./healthy-shapes.ts";

const [fit, judge] = [healthySequences("fit"), healthySequences("judge")];

const found = (failure: string): HealthySequence[] =>
  judge.filter((sequence) => sequence.failure === failure && sequence.name.includes("found"));
const lossesFound = (failure: string, index = 0): number[] => [...lossesOf(found(failure)[index]!).losses];

describe("lossesOf", () => {
  it("gives the same losses each time, and of another seed others.", () => {
    const noisy = fit.find(({ shape }) => shape === "log-normal")!;
    expect(lossesOf(noisy)).toEqual(lossesOf(noisy));
    expect(lossesOf({ ...noisy, seed: 1 }).losses[7]).not.toBe(lossesOf(noisy).losses[7]);
  });

  it("gives the losses of the day when they were listed: one sequence of each shape, weighted and summed, to five digits.", () => {
    const sums = Object.keys(shapes).map((shape) => {
      const { losses } = lossesOf(judge.find((sequence) => sequence.name === `judge/${shape}/7`)!);
      return losses.reduce((sum, loss, t) => sum + (Number.isFinite(loss) ? loss * Math.sin(t) : 0), 0);
    });
    expect(sums.map((sum) => Number(sum.toPrecision(5)))).toEqual([
      ...[-0.79507, 3.9353, 0.42445, 0.089952, 13.936, 2.0444, 8.3807, 2.1435],
      ...[-257.48, 11.434, -2.501, -4.1605, 0.35659, -464.94, 8.9069],
    ]);
  });

  it("gives finite losses but for those that are planted, in every sequence shorter than the longest.", () => {
    for (const sequence of judge.filter(({ steps }) => steps < 10_000)) {
      const { losses, planted } = lossesOf(sequence);
      expect(losses.length).toBe(sequence.steps);
      const wrong = [...losses.keys()].filter((t) => !Number.isFinite(losses[t]) && !planted.includes(t));
      expect(wrong, sequence.name).toEqual([]);
    }
  });

  it("repeats the small inputs that failed, number by number.", () => {
    expect(lossesFound("F3").slice(0, 4)).toEqual([0.1, 2.2, 2.2, 2.2]);
    const decay = lossesFound("F4");
    expect(decay[0]).toBe(0.05);
    expect(decay[400]).toBeCloseTo(2 / Math.E, 12);
    const quarter = lossesFound("F5");
    expect(quarter[0]! / quarter[1]!).toBe(0.25);
    expect(lossesFound("F6").slice(0, 2)).toEqual([0.05, 3 * Math.exp(-2 / 1000)]);
    expect(lossesFound("F6", 1).slice(0, 2)).toEqual([0.1, 2.5 * Math.exp(-2 / 1000)]);
    const rare = lossesFound("F7");
    expect(new Set(rare)).toEqual(new Set([0.01, 1]));
    expect(rare.filter((loss) => loss === 1).length / rare.length).toBeCloseTo(0.02, 2);
    expect(lossesFound("F8", 1)[0]).toBeCloseTo(1.376, 6);
    const plateau = lossesFound("F8", 1).slice(1, 175);
    expect(plateau.reduce((sum, loss) => sum + loss, 0) / plateau.length).toBeCloseTo(Math.log(4), 2);
    expect(lossesFound("F8", 1).at(-1)).toBeLessThan(0.7);
    expect(lossesFound("F9", 1)[9500]).toBeNaN();
    expect(lossesFound("F11").at(-1)! / lossesFound("F11")[0]!).toBeCloseTo(1.0128, 4);
    const negative = lossesFound("F14");
    expect(negative[0]).toBe(-1);
    expect(negative.at(-1)).toBeCloseTo(-5, 1);
  });

  it("plants the lone NaN, the lone outlier and the NaN every 500 steps of a run of 100,000.", () => {
    const [one, outlier, many] = found("F10").map(lossesOf);
    expect(one!.planted).toEqual([24_000]);
    expect(one!.losses[24_000]).toBeNaN();
    expect(one!.losses.length).toBe(100_000);
    expect(outlier!.planted).toEqual([24_900]);
    expect(outlier!.losses[24_900]).toBe(1000);
    expect(many!.planted.length).toBe(199);
    expect(many!.planted.every((step) => step % 500 === 0 && Number.isNaN(many!.losses[step]))).toBe(true);
    expect(many!.losses[99_999]).toBeGreaterThan(2);
    expect(many!.losses[99_999]).toBeLessThan(4);
  });

  it("makes the harder task 2.5 times as hard at a half and at 80 % of the run.", () => {
    for (const [index, at] of [500, 800].entries()) {
      const losses = lossesFound("F12", index);
      expect(losses[at]! / losses[at - 1]!).toBeCloseTo(2.5, 1);
      expect(losses.at(-1)).toBeLessThan(0.019);
    }
  });

  it("moves half of the drawn sequences below or above 0, or scales them.", () => {
    const moved = judge.filter(({ scale, offset }) => scale !== 1 || offset !== 0);
    expect(moved.length).toBeGreaterThan(judge.length / 3);
    const decay = moved.find(({ shape, offset }) => shape === "decay" && offset < -5)!;
    expect(Math.max(...lossesOf(decay).losses)).toBeLessThan(0);
  });
});
