import { describe, expect, it } from "vitest";
import type { BenchmarkUnit } from "./benchmark-unit.ts";
import { summarise } from "./compare.ts";
import type { ParticipantKind } from "./participants.ts";
import { overallOf, verdictsOf } from "./verdicts.ts";

/** A unit with those accuracies, one for each seed from 1; null: diverged, which counts as guessing among ten. */
function unit(
  task: string,
  participant: ParticipantKind,
  schedule: string,
  accuracies: readonly (number | null)[],
  learned = false,
): BenchmarkUnit {
  const runs = accuracies.map((given, index) => {
    const score = { loss: given === null ? null : 1, accuracy: given ?? 0.1 };
    const status = given === null ? ("diverged" as const) : ("done" as const);
    const seed = index + 1;
    return { task, schedule, seed, baseRate: null, status, last: score, best: score, tuningRuns: 0 };
  });
  const summary = summarise(
    runs.map((run) => ({ ...run, curve: [] })),
    "accuracy",
  );
  return {
    key: {
      task,
      steps: 10,
      participant,
      schedule,
      sha256: null,
      insured: false,
      trials: 1,
      seeds: runs.length,
      seed: 0,
      runtime: "test",
    },
    guess: 0.1,
    runs: runs.map((run) => ({ ...run, participant })),
    summary: { ...summary, task, participant, learned },
  };
}

const units = [
  unit("a", "candidate", "x", [0.6, 0.7], true),
  unit("a", "candidate", "y", [0.5, 0.7], true),
  unit("a", "candidate", "polynomial", [0.9, 0.9]),
  unit("a", "tuned", "constant", [0.4, 0.4]),
  unit("a", "tuned", "cosine", [0.7, 0.8]),
  unit("a", "untuned", "constant@default", [0.66, 0.66]),
  unit("a", "untuned", "linear@default", [0.65, 0.75]),
  unit("a", "untuned", "cosine@default", [0.65, 0.65]),
  unit("b", "candidate", "x", [0.6, 0.6], true),
  unit("b", "candidate", "y", [null, 0.5], true),
  unit("b", "tuned", "constant", [0.5, 0.5]),
  unit("b", "tuned", "cosine", [0.45, 0.55]),
];

describe("verdictsOf", () => {
  const [ax, ay, bx, by] = verdictsOf(units);

  it("has one verdict for each learned schedule on each task, and none for those made by hand.", () => {
    expect(verdictsOf(units).map(({ task, schedule }) => [task, schedule])).toEqual([
      ["a", "x"],
      ["a", "y"],
      ["b", "x"],
      ["b", "y"],
    ]);
  });

  it("measures against the tuned baseline with the highest mean, seed by seed.", () => {
    // Differences of x and cosine: -0.1 and -0.1; no spread, so a loss.
    expect(ax!.versusBestTuned).toMatchObject({
      schedule: "cosine",
      mean: 0.75,
      difference: { outcome: "loss" },
      atLeastAsGood: false,
      withinNoise: false,
    });
    expect(ax!.versusBestTuned!.difference.mean).toBeCloseTo(-0.1, 12);
    // Of y: -0.2 and -0.1; mean -0.15, standard error 0.05, and 0.15 is beyond twice that.
    expect(ay!.versusBestTuned!.difference.standardError).toBeCloseTo(0.05, 12);
    expect(ay!.versusBestTuned!.difference.outcome).toBe("loss");
    // The first of equal means.
    expect(bx!.versusBestTuned!.schedule).toBe("constant");
    expect(bx!.versusBestTuned).toMatchObject({ atLeastAsGood: true, withinNoise: true });
  });

  it("tells a mean that is lower from a loss beyond the noise.", () => {
    // y on b: 0.1 (diverged) and 0.5 against 0.5 and 0.5: -0.4 and 0; mean -0.2, standard error 0.2.
    expect(by).toMatchObject({ diverged: 1, mean: 0.3 });
    expect(by!.versusBestTuned).toMatchObject({ atLeastAsGood: false, withinNoise: true });
    expect(by!.versusBestTuned!.difference.outcome).toBe("tie");
  });

  it("gives the gap as the share of the way from the baseline down to guessing.", () => {
    expect(ax!.versusBestTuned!.normalisedGap).toBeCloseTo((0.75 - 0.65) / (0.75 - 0.1), 12);
    expect(bx!.versusBestTuned!.normalisedGap).toBeCloseTo(-0.25, 12);
    const hopeless = [unit("c", "candidate", "x", [0.2], true), unit("c", "tuned", "cosine", [null])];
    expect(verdictsOf(hopeless)[0]!.versusBestTuned!.normalisedGap).toBeNull();
  });

  it("lists the untuned baselines with a higher mean, the best first, and measures against that.", () => {
    expect(ax!.versusUntuned).toMatchObject({
      schedule: "linear@default",
      beatenBy: ["linear@default", "constant@default"],
      withinNoise: false,
    });
    expect(bx!.versusUntuned).toBeNull();
  });

  it("measures learned schedules against each other.", () => {
    expect(ax!.versusLearned.map(({ schedule }) => schedule)).toEqual(["y"]);
    expect(ax!.versusLearned[0]!.difference.mean).toBeCloseTo(0.05, 12);
  });
});

describe("overallOf", () => {
  it("takes shares, means and the worst over the tasks.", () => {
    const [x, y] = overallOf(verdictsOf(units));
    expect(x).toMatchObject({
      schedule: "x",
      tasks: 2,
      divergedRuns: 0,
      atLeastAsGood: 0.5,
      withinNoise: 0.5,
    });
    expect(x!.meanDifference).toBeCloseTo(0, 12); // -0.1 and 0.1
    expect(x!.worst.task).toBe("a");
    expect(x!.worst.difference).toBeCloseTo(-0.1, 12);
    expect(x!.meanNormalisedGap).toBeCloseTo((0.1 / 0.65 - 0.25) / 2, 12);
    expect(y).toMatchObject({ divergedRuns: 1, atLeastAsGood: 0, withinNoise: 0.5, worst: { task: "b" } });
  });

  it("is empty where nothing was tuned to measure against.", () => {
    expect(overallOf(verdictsOf(units.filter(({ key }) => key.participant !== "tuned")))).toEqual([]);
  });
});
