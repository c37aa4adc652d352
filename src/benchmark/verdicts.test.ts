import { describe, expect, it } from "vitest";
import type { BenchmarkUnit } from "./benchmark-unit.ts";
import { summarise, type Trial } from "./compare-run.ts";
import type { ParticipantKind } from "./participants.ts";
import { protocolVersion } from "./task-settings.ts";
import { best, comparatorsOf, overallOf, pairsOf, tallyOf } from "./verdicts.ts";

type Given = { learned?: boolean; found?: number };

/** A unit with those accuracies, one for each seed from 1; null: diverged, which counts as guessing among ten. */
function unit(
  task: string,
  participant: ParticipantKind,
  schedule: string,
  accuracies: readonly (number | null)[],
  { learned = false, found }: Given = {},
): BenchmarkUnit {
  const runs = accuracies.map((given, index) => {
    const score = { loss: given === null ? null : 1, accuracy: given ?? 0.1 };
    const status = given === null ? ("diverged" as const) : ("done" as const);
    const scores = { status, last: score, best: score, validation: score };
    return { task, schedule, seed: index + 1, baseRate: null, ...scores, tuningRuns: 0, acts: [] };
  });
  const search: Trial[] =
    found === undefined ? [] : [{ baseRate: 1, runs: 2, diverged: 0, mean: found, loss: 1 }];
  const withCurves = runs.map((run) => ({ ...run, curve: [] }));
  const summary = summarise(withCurves, "accuracy", search);
  const key = { protocolVersion, task, taskHash: "0", steps: 10, participant, schedule, sha256: null };
  const trainedOn = "training part" as const;
  const counts = {
    trainedOn,
    guarded: false,
    trials: 1,
    searchSeeds: 2,
    seeds: runs.length,
    seed: 0,
    runtime: "test",
  };
  return {
    key: { ...key, ...counts },
    commit: "test",
    runs: runs.map((run) => ({ ...run, participant })),
    summary: { ...summary, task, participant, learned },
  };
}

const around = (mean: number): number[] => [-0.002, -0.001, 0, 0.001, 0.002].map((noise) => mean + noise);
const learned = { learned: true };

const units = [
  unit("a", "candidate", "x", around(0.6), learned),
  unit("a", "candidate", "polynomial", around(0.9)),
  unit("a", "tuned", "constant", around(0.5), { found: 0.55 }),
  unit("a", "tuned", "cosine", around(0.7), { found: 0.4 }),
  unit("a", "untuned", "constant@default", around(0.61).slice(0, 3)),
  unit("b", "candidate", "x", [null, 0.5, 0.5, 0.5, 0.5], learned),
  unit("b", "tuned", "constant", around(0.5), { found: 0.5 }),
  unit("b", "tuned", "cosine", around(0.45), { found: 0.4 }),
];
const comparators = comparatorsOf(units);
const paired = pairsOf(units);

describe("comparatorsOf", () => {
  it("chooses the comparator on validation data, and names beside it what test data would choose.", () => {
    expect(comparators).toEqual([
      { task: "a", comparator: "constant", bestTuned: "cosine", bestUntuned: "constant@default" },
      { task: "b", comparator: "constant", bestTuned: "constant", bestUntuned: null },
    ]);
  });
});

describe("pairsOf", () => {
  it("sets every candidate beside every other schedule of its task.", () => {
    expect(paired.map(({ task, schedule, against }) => `${task}: ${schedule} ${against}`)).toEqual([
      ...["polynomial", "constant", "cosine", "constant@default"].map((other) => `a: x ${other}`),
      ...["x", "constant", "cosine", "constant@default"].map((other) => `a: polynomial ${other}`),
      ...["constant", "cosine"].map((other) => `b: x ${other}`),
    ]);
  });

  it("gives the verdict of the pairs, and none where the other has too few seeds.", () => {
    const of = (against: string) => paired.find((pair) => pair.schedule === "x" && pair.against === against)!;
    expect(of("constant")).toMatchObject({ task: "a", verdict: "better", seeds: 5 });
    expect(of("constant").difference).toBeCloseTo(0.1, 12);
    expect(of("cosine").verdict).toBe("behind");
    expect(of("constant@default")).toMatchObject({ verdict: null, seeds: 3 });
    // One of five diverged: -0.4 and four times nothing says too little.
    expect(paired.find(({ task, against }) => task === "b" && against === "constant")!.verdict).toBe(
      "inconclusive",
    );
  });
});

describe("overallOf", () => {
  it("counts the verdicts beside the comparators and beside those that hindsight chooses.", () => {
    const [x, polynomial, ...others] = overallOf(units, comparators, paired);
    expect(others).toEqual([]);
    expect(polynomial).toMatchObject({ schedule: "polynomial", tasks: 1, better: 1, divergedRuns: 0 });
    expect(x).toMatchObject({ schedule: "x", divergedRuns: 1, runs: 10, tasks: 2, acts: 0, skips: 0 });
    expect(x).toMatchObject({ better: 1, notWorse: 0, inconclusive: 1, behind: 0, withoutVerdict: 0 });
    expect(x!.hindsight).toMatchObject({ tasks: 2, better: 0, inconclusive: 1, behind: 1 });
    expect(x!.untuned).toMatchObject({ tasks: 1, withoutVerdict: 1, higherMeans: 1 });
    // 0.1 is twenty margins; (0.1 - 0.5 + 4 * 0) / 5 = -0.08 is sixteen.
    expect(x!.mean).toBeCloseTo(2, 9);
    expect(x!.worst.task).toBe("b");
    expect(x!.worst.difference).toBeCloseTo(-16, 0);
  });

  it("is empty where nothing was searched to measure against.", () => {
    const rest = units.filter(({ key }) => key.participant !== "tuned");
    expect(overallOf(rest, comparatorsOf(rest), pairsOf(rest))).toEqual([]);
  });
});

describe("tallyOf", () => {
  it("takes the median, of an even number of tasks the mean of the two in the middle.", () => {
    const pairs = [1, 4, -2, 3].map((difference, index) => ({
      ...{ task: String(index), schedule: "x", against: "y", difference: 0.01 * difference, low: null },
      ...{ high: null, margin: 0.01, seeds: 1, verdict: null },
    }));
    expect(tallyOf(pairs)!.median).toBeCloseTo(2, 12);
    expect(tallyOf(pairs.slice(1))!.median).toBeCloseTo(3, 12);
    expect(tallyOf(pairs)!.worst).toEqual({ task: "2", difference: -2 });
    expect(tallyOf([])).toBeNull();
  });
});

describe("best", () => {
  it("is the highest accuracy or the lowest perplexity, of equals the first.", () => {
    const rows = units.slice(0, 4).map(({ summary }) => summary);
    expect(best(rows)!.schedule).toBe("polynomial");
    expect(best(rows.map((row) => ({ ...row, judgedBy: "perplexity" as const })))!.schedule).toBe("constant");
    expect(best([])).toBeUndefined();
  });
});
