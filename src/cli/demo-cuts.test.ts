import { describe, expect, it } from "vitest";
import { type Cut, cutsOf, cutsText } from "./demo-cuts.ts";
import { fullPlan } from "./demo-plan.ts";

const all = {
  generations: fullPlan.live.generations,
  comparisons: fullPlan.comparisons.map((planned) => ({ ...planned, seeds: fullPlan.seeds })),
};
const [cnn, batchNormalisation] = all.comparisons;

const cuts: Cut[] = [
  { what: "generations", planned: 40, done: 31 },
  { what: "seeds", task: "mnist1d/cnn", planned: 3, done: 2 },
  { what: "steps", task: "mnist1d/cnn-bn", planned: 300, done: 150 },
  { what: "seeds", task: "mnist1d/cnn-bn", planned: 3, done: 2 },
  { what: "comparison", task: "mnist1d/mlp" },
];

describe("cutsOf", () => {
  it("finds nothing where all was done.", () => {
    expect(cutsOf(fullPlan, all)).toEqual([]);
  });

  it("finds generations, steps, seeds and whole comparisons that there was no time for.", () => {
    const comparisons = [
      { ...cnn!, seeds: 2 },
      { ...batchNormalisation!, steps: 150, seeds: 2 },
    ];
    expect(cutsOf(fullPlan, { generations: 31, comparisons })).toEqual(cuts);
  });
});

describe("cutsText", () => {
  it("says nothing where nothing was cut.", () => {
    expect(cutsText([])).toBe("");
  });

  it("says what was cut, why, and how to have all.", () => {
    expect(cutsText(cuts)).toBe(
      "Cut to end within three minutes on this machine, for all schedules of a comparison alike: 31 of 40 generations to learn in; " +
        "mnist1d/cnn 2 of 3 seeds; mnist1d/cnn-bn 150 of 300 steps and 2 of 3 seeds; mnist1d/mlp left out. " +
        "mlr-snet demo --full cuts nothing.",
    );
  });
});
