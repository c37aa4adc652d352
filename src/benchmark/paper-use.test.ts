import { describe, expect, it } from "vitest";
import type { Dataset } from "../data/index.ts";
import { languageReading, MlrSnet, presets, type Schedule } from "../schedules/index.ts";
import { initialiseParameters } from "../schedules/internal.ts";
import { isLanguage, learnedOn, type TaskKind } from "./paper-use.ts";

const cell = presets["image-meta-train"];
const file = new MlrSnet({
  cell,
  snapshots: {
    switchRule: "fractions",
    fractions: [0, 0.5],
    thetas: [0, 1].map((seed) => initialiseParameters(cell, seed, "fan-in")),
  },
  provenance: {},
});
const context = { classes: 65, initialLoss: Math.log(65), totalSteps: 6 };

function dataOf(labelsPerExample: number): NonNullable<TaskKind["data"]> {
  const part: Dataset = {
    name: "text",
    inputs: new Int32Array(4),
    inputShape: [4],
    labels: new Int32Array(labelsPerExample),
    labelsPerExample,
    classes: 65,
  };
  return { train: part, test: part };
}

function ratesOf(schedule: Schedule<unknown>): number[] {
  let state = schedule.init(context);
  return [4.1, 4, 3.7, 3.5, 3.2, 3].map((loss, step) => {
    const decision = schedule.next(state, { step, loss, trainingSetLoss: loss });
    state = decision.state;
    return decision.learningRate;
  });
}
const raw = ratesOf(file.schedule() as Schedule<unknown>);

describe("learnedOn", () => {
  it("leaves zoo:paper as it is with plain SGD, and every other name and path with any optimizer, bit for bit.", () => {
    expect(ratesOf(learnedOn("zoo:paper", file, { optimizer: { kind: "sgd" } }))).toEqual(raw);
    for (const reference of ["./s.safetensors", "zoo/paper.safetensors", "control:paper-raw", "zoo:default"])
      expect(
        ratesOf(learnedOn(reference, file, { optimizer: { kind: "adam" }, data: dataOf(4) })),
        reference,
      ).toEqual(raw);
  });

  it("gives the rates of zoo:paper in units of the usual rate: a tenth with momentum 0.9, a hundredth with Adam.", () => {
    for (const [optimizer, factor] of [
      [{ kind: "sgd", momentum: 0.9 }, 0.1],
      [{ kind: "adam" }, 0.01],
      [{ kind: "adamw" }, 0.01],
    ] as const) {
      const rates = ratesOf(learnedOn("zoo:paper", file, { optimizer }));
      for (const [step, rate] of rates.entries()) expect(rate / raw[step]!).toBeCloseTo(factor, 12);
    }
  });

  it("reads the losses of a language task as the paper does: perplexity in γ, loss / ln C into the network.", () => {
    const language = { optimizer: { kind: "sgd" }, data: dataOf(4) } as const;
    const expected = ratesOf(file.schedule({ reading: languageReading }) as Schedule<unknown>);
    expect(ratesOf(learnedOn("zoo:paper", file, language))).toEqual(expected);
    expect(expected).not.toEqual(raw);
    // One label each: no language, whatever the inputs are.
    expect(ratesOf(learnedOn("zoo:paper", file, { ...language, data: dataOf(1) }))).toEqual(raw);
  });

  it("takes a γ that is given for the rate that it is.", () => {
    const rates = (reference: string) =>
      ratesOf(learnedOn(reference, file, { optimizer: { kind: "adam" } }, { gamma: 0.002 }));
    expect(rates("zoo:paper")).toEqual(rates("./s.safetensors"));
  });
});

describe("isLanguage", () => {
  it("is a cross-entropy over a label at each position.", () => {
    const optimizer = { kind: "adam" } as const;
    expect(isLanguage({ optimizer })).toBe(false);
    expect(isLanguage({ optimizer, data: dataOf(4) })).toBe(true);
    expect(isLanguage({ optimizer, data: dataOf(1) })).toBe(false);
    expect(isLanguage({ optimizer, data: dataOf(4), loss: (outputs) => outputs })).toBe(false);
  });
});
