import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../errors.ts";
import { Random } from "../../random.ts";
import { type InputName, inputNames, observedFor, readInputs, readsHorizon } from "./inputs.ts";
import { emptyLossStatistics, type LossStatistics } from "./loss-statistics.ts";
import { presets } from "./presets.ts";

const scaleFree = inputNames.filter((name) => !name.startsWith("loss"));

/** The inputs of every step; the network is said to have answered p = 0.5 and u = t + 1 at each. */
function follow(names: readonly InputName[], losses: readonly number[], more: object[] = []): number[][] {
  let history: LossStatistics = emptyLossStatistics(presets.transfer, { totalSteps: 8 });
  return losses.map((loss, step) => {
    const read = readInputs(names, history, { step, loss, ...more[step] }, 10);
    history = { ...read.history, output: 0.5, logRate: step + 1 };
    return read.inputs;
  });
}

const gradients = [
  { gradientNorm: 2, directionNorm: 5, gradientDotPreviousDirection: 0 },
  { gradientNorm: 1, directionNorm: 0, gradientDotPreviousDirection: -2.5 },
  { gradientNorm: 0, directionNorm: 1, gradientDotPreviousDirection: 0 },
];

describe("readInputs", () => {
  const ln2 = Math.LN2;
  const byHand: Record<InputName, [number, number, number]> = {
    loss: [2, 1, 8],
    "loss-over-log-classes": [2 / Math.log(10), 1 / Math.log(10), 8 / Math.log(10)],
    "log-loss": [0, -ln2, 2 * ln2],
    "average-loss": [0, Math.log(0.95), Math.log(0.9 * 0.95 + 0.1 * 4)],
    trend: [0, -0.09 * ln2, (-0.09 + 0.2) * ln2 - (-0.0099 + 0.02) * ln2],
    jump: [0, -ln2, 2 * ln2 - Math.log(0.95)],
    // F: 0, -0.1, 0.11 times ln 2; W: 0, 5/6 of F_1, and then 2/7 of the distance to F_2 is left.
    "long-trend": [0, 4 * (-0.1 + 0.1 * (5 / 6)) * ln2, 4 * (2 / 7) * (0.11 + 0.1 * (5 / 6)) * ln2],
    excess: [0, 0, 4 * (0.11 + 0.1) * ln2],
    // N: 0, 0.1 times the distance 1, 0.9 times that and 0.1 times the distance 2.1; in ln 2.
    noise: [1 - Math.log(10), 1 + Math.log(0.1 * ln2 + 1e-3) / 3, 1 + Math.log(0.3 * ln2 + 1e-3) / 3],
    progress: [0, 1 / 8, 2 / 8],
    "log-total-steps": [Math.log10(0.008), Math.log10(0.008), Math.log10(0.008)],
    "log-step": [-3, Math.log10(0.002), Math.log10(0.003)],
    headroom: [3, 3, 3], // the guard is no part of the schedule any more, so it has not failed
    "log-rate": [0, 1 / 4, 2 / 4],
    "last-output": [0, 0.5, 0.5],
    "gradient-norm": [0, -ln2, -6],
    "gradient-cosine": [0, -0.5, 0],
  };

  it.each(inputNames)("gives the numbers worked out by hand: %s", (name) => {
    const read = follow([name], [2, 1, 8], gradients).flat();
    for (const [step, value] of byHand[name].entries())
      expect(read[step], `step ${step}`).toBeCloseTo(value, 12);
  });

  it("gives the inputs in the order of their names", () => {
    const [first] = follow(["log-step", "loss", "progress"], [2]);
    expect(first).toEqual([-3, 2, 0]);
  });

  it("does not feel the scale of the loss nor that of the gradients", () => {
    const random = new Random(3, "losses");
    const losses = Array.from({ length: 50 }, () => random.uniform());
    const scale = (factor: number): number[][] =>
      follow(
        scaleFree,
        losses.map((loss) => factor * loss),
        losses.map((loss) => ({
          gradientNorm: factor * loss,
          directionNorm: factor * loss,
          gradientDotPreviousDirection: factor * factor * loss * loss * 0.1,
        })),
      );
    const expected = scale(1);
    for (const [step, inputs] of scale(1000).entries())
      for (const [k, input] of inputs.entries()) expect(input).toBeCloseTo(expected[step]![k]!, 10);
  });

  it("stays finite and within its range whatever finite loss comes, zero and below included", () => {
    const ranges: Partial<Record<InputName, [number, number]>> = {
      "log-loss": [-12, 6],
      "average-loss": [-12, 6],
      excess: [0, 3],
      noise: [-1.4, 2],
      progress: [0, 1],
      "log-rate": [-5, 5],
      "last-output": [-1, 1],
      "gradient-norm": [-6, 6],
      "gradient-cosine": [-1, 1],
    };
    const random = new Random(9, "extremes");
    const extremes = [0, -1, 5e-324, 1e-300, 1e-9, 1, 1e9, 1e300, Number.MAX_VALUE];
    for (let run = 0; run < 50; run++) {
      const draw = (): number => extremes[random.integer(extremes.length)]!;
      const losses = Array.from({ length: 30 }, draw);
      const more = losses.map(() => ({
        gradientNorm: Math.abs(draw()),
        directionNorm: Math.abs(draw()),
        gradientDotPreviousDirection: draw(),
      }));
      for (const inputs of follow(scaleFree, losses, more))
        for (const [k, input] of inputs.entries()) {
          const [least, most] = ranges[scaleFree[k]!] ?? [-3, 3];
          expect(input >= least && input <= most, `${scaleFree[k]}: ${input}`).toBe(true);
        }
    }
  });

  it("leaves the history it was given as it was, and makes one that JSON keeps whole", () => {
    const history = emptyLossStatistics(presets.transfer, { totalSteps: 8 });
    const before = structuredClone(history);
    const read = readInputs(inputNames, history, { step: 0, loss: 0, ...gradients[0] }, 10);
    expect(history).toStrictEqual(before);
    expect(JSON.parse(JSON.stringify(read.history))).toStrictEqual(read.history);
  });

  it.each([
    ["gradient-norm", "gradientNorm"],
    ["gradient-cosine", "gradientNorm"],
    ["gradient-cosine", "directionNorm"],
    ["gradient-cosine", "gradientDotPreviousDirection"],
  ] as const)("for %s asks for %s, and says so if it is missing or not finite", (name, quantity) => {
    expect(observedFor([name])).toContain(quantity);
    const codes: [number | undefined, ErrorCode][] = [
      [undefined, "MISSING_OBSERVATION"],
      [Number.NaN, "NOT_FINITE"],
    ];
    for (const [value, code] of codes)
      expect(() => follow([name], [1], [{ ...gradients[0], [quantity]: value }])).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(quantity) }),
      );
  });
});

describe("emptyLossStatistics", () => {
  it("takes the unit of the rates from the context where they are relative", () => {
    expect(emptyLossStatistics(presets.transfer, { totalSteps: 8, usualRate: 0.001 }).unit).toBe(0.001);
    expect(emptyLossStatistics(presets.transfer, { totalSteps: 8 }).unit).toBeNull();
    expect(emptyLossStatistics(presets["meta-test"], { usualRate: 0.001 }).unit).toBe(1);
    for (const usualRate of [0, -1, Number.NaN])
      expect(() => emptyLossStatistics(presets.transfer, { totalSteps: 8, usualRate })).toThrow(
        "Expected `usualRate` to be a number > 0",
      );
  });

  it("takes the horizon from the context where it is needed, and says so if it is missing there", () => {
    expect(emptyLossStatistics(presets.transfer, { totalSteps: 8 }).totalSteps).toBe(8);
    expect(emptyLossStatistics(presets["meta-test"], { totalSteps: 8 }).totalSteps).toBeNull();
    expect(() => emptyLossStatistics(presets.transfer, {})).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("`totalSteps`"),
      }),
    );
  });
});

describe("readsHorizon", () => {
  it("is true of the inputs that are computed from the horizon, and of no others", () => {
    const horizon: readonly InputName[] = ["progress", "log-total-steps"];
    for (const name of inputNames) {
      expect(readsHorizon([name]), name).toBe(horizon.includes(name));
      const before = emptyLossStatistics();
      const { inputs } = readInputs([name], before, { step: 0, loss: 2, ...gradients[0] }, 10);
      if (!horizon.includes(name)) expect(inputs.every(Number.isFinite), name).toBe(true);
    }
    expect(readsHorizon(["loss", "progress"])).toBe(true);
  });
});
