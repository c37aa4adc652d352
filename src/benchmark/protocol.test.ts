import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { extend, ScheduleRunner } from "../schedules/index.ts";
import { bestTrial, type CompareRun, comparatorOf, summarise } from "./compare-run.ts";
import { levelsOf } from "./levels.ts";
import { differenceOf, outcomeOf, pairedDifference } from "./paired-difference.ts";
import { rateBeyond, rateGrid, referenceRate } from "./rate-grid.ts";
import { meanAndError } from "./statistics.ts";

function run(schedule: string, seed: number, accuracy: number, loss: number | null = 1): CompareRun {
  const last = { loss, accuracy };
  const status: CompareRun["status"] = loss === null ? "diverged" : "done";
  const rest = { task: "t", baseRate: 0.1, status, best: last, validation: null, tuningRuns: 5 };
  return { ...rest, schedule, seed, last, acts: [], curve: [] };
}

describe("rateGrid", () => {
  it("reaches from half the reference rate to 32 times it, in equal ratios.", () => {
    expect(rateGrid(0.1, 4)).toEqual([0.05, 0.2, 0.8, 3.2]);
    expect(rateGrid(0.1, 2)).toEqual([0.05, 3.2]);
    expect(rateGrid(0.1, 1)).toEqual([0.1]);
  });
});

describe("referenceRate", () => {
  it("follows the optimizer, but for L4, whose base rate is a fraction.", () => {
    const cosine = { name: "cosine", baseRateDefault: 0.1 };
    expect(referenceRate(cosine, { kind: "sgd" })).toBe(0.1);
    expect(referenceRate(cosine, { kind: "sgd", momentum: 0.9 })).toBeCloseTo(0.01, 12);
    expect(referenceRate(cosine, { kind: "adamw" })).toBe(0.001);
    expect(referenceRate({ name: "l4", baseRateDefault: 0.15 }, { kind: "adam" })).toBe(0.15);
  });
});

describe("meanAndError", () => {
  it("gives the standard error of the sample, worked out by hand.", () => {
    // Squares about the mean 2: 1 + 0 + 1 = 2; variance 2 / 2 = 1; error sqrt(1 / 3).
    expect(meanAndError([1, 2, 3])).toEqual({ mean: 2, standardError: Math.sqrt(1 / 3) });
    expect(meanAndError([4])).toEqual({ mean: 4, standardError: null });
  });
});

describe("summarise", () => {
  it("counts a diverged run into the mean as guessing, and says how many there are.", () => {
    const summary = summarise([run("a", 1, 0.75, 1), run("a", 2, 0.25, null)], "accuracy");
    expect(summary).toMatchObject({
      schedule: "a",
      runs: 2,
      diverged: 1,
      mean: 0.5,
      lastLossMean: null,
      tuningRuns: 5,
    });
    expect(summarise([run("a", 1, 0.7, 1), run("a", 2, 0.5, 3)], "accuracy").lastLossMean).toBe(2);
  });
});

describe("the summary of a comparison", () => {
  it("has the mean of the validation results where every run has one, and what the guard did in all runs.", () => {
    const act = (kind: "rollback" | "skip") => ({ step: 3, kind, message: "why" });
    const runs = [0.4, 0.6].map((accuracy, seed) => ({
      ...run("a", seed, 0.9),
      validation: { loss: 1, accuracy },
      acts: [act("skip"), act("rollback"), act("skip")].slice(seed),
    }));
    const summary = summarise(runs, "accuracy");
    expect(summary).toMatchObject({ validationMean: 0.5, acts: { rollback: 2, cut: 0, skip: 3 } });
    expect(summarise([...runs, run("a", 3, 0.9)], "accuracy").validationMean).toBeNull();
  });
});

describe("pairedDifference", () => {
  it("compares seed by seed, so that what seeds share drops out.", () => {
    const noisy = [0.5, 0.6, 0.7, 0.8, 0.9];
    const runs = noisy.flatMap((accuracy, seed) => [
      run("a", seed, accuracy + 0.02 + 0.001 * seed),
      run("b", seed, accuracy),
    ]);
    const [ours, theirs] = [
      pairedDifference(runs, "a", "b", "accuracy")!,
      pairedDifference(runs, "b", "a", "accuracy")!,
    ];
    expect(ours).toMatchObject({ verdict: "better", margin: 0.005, seeds: 5 });
    // 0.02, 0.021, ..., 0.024: the mean is 0.022, the deviation sqrt(2.5e-6), its error that over sqrt(5).
    expect(ours.difference).toBeCloseTo(0.022, 12);
    expect(ours.high! - ours.difference).toBeCloseTo(2.131847 * Math.sqrt(2.5e-6 / 5), 8);
    expect(theirs).toMatchObject({ verdict: "behind" });
    expect([theirs.low, theirs.high]).toEqual([-ours.high!, -ours.low!]);
  });

  it("pairs the seeds that both have, and gives no verdict for fewer than five, and nothing for none.", () => {
    const runs = [1, 2, 3, 4].flatMap((seed) => [run("a", seed, 0.9), run("b", seed, 0.1 * seed)]);
    const few = pairedDifference([...runs, run("a", 5, 0.9)], "a", "b", "accuracy")!;
    expect(few).toMatchObject({ seeds: 4, verdict: null, low: expect.any(Number) });
    expect(few.difference).toBeCloseTo(0.65, 12);
    const one = pairedDifference([run("a", 1, 0.9), run("b", 1, 0.4)], "a", "b", "accuracy")!;
    expect(one).toMatchObject({ difference: 0.5, low: null, high: null, seeds: 1, verdict: null });
    expect(pairedDifference([run("a", 1, 0.9), run("b", 2, 0.4)], "a", "b", "accuracy")).toBeUndefined();
  });
});

describe("differenceOf", () => {
  it("counts a lower perplexity as better, with a margin of 2 % of the other's.", () => {
    const theirs = [10, 11, 9, 10, 10];
    const ours = theirs.map((value) => 0.9 * value);
    const { difference, margin, verdict } = differenceOf(ours, theirs, "perplexity");
    expect(difference).toBeCloseTo(1, 12);
    expect(margin).toBeCloseTo(0.2, 12);
    expect(verdict).toBe("better");
    expect(differenceOf(theirs, ours, "perplexity").verdict).toBe("behind");
  });

  it("takes a schedule for not worse than itself.", () => {
    const values = [0.5, 0.6, 0.55, 0.7, 0.65];
    expect(differenceOf(values, values, "accuracy")).toMatchObject({ difference: 0, verdict: "not-worse" });
  });
});

describe("outcomeOf", () => {
  it.each([
    [0.001, 0.01, "better"],
    [0, 0.01, "not-worse"],
    [-0.005, 0.01, "not-worse"],
    [-0.005, -0.001, "not-worse"], // clearly less, by less than matters
    [-0.006, 0.01, "inconclusive"],
    [-0.006, 0, "inconclusive"],
    [-0.006, -0.001, "behind"],
  ] as const)("of an interval from %f to %f is %s with a margin of half a point.", (low, high, outcome) => {
    expect(outcomeOf(low, high, 0.005)).toBe(outcome);
  });
});

/** Accuracies of so many seeds that share part of their noise with those of other schedules, as pairs do. */
function accuracies(random: Random, seeds: number, mean: number): number[] {
  return Array.from({ length: seeds }, () => mean + 0.02 * random.normal());
}

describe("the protocol, tried on itself", () => {
  const trials = 2000;

  it.each([5, 10])(
    "tells two copies on disjoint sets of %i seeds apart in at most 10 % of the cases.",
    (seeds) => {
      const random = new Random(0, "protocol", seeds);
      let apart = 0;
      for (let trial = 0; trial < trials; trial++) {
        const [a, b] = [accuracies(random, seeds, 0.8), accuracies(random, seeds, 0.8)];
        const { verdict } = differenceOf(a, b, "accuracy");
        if (verdict === "better" || verdict === "behind") apart++;
      }
      // Better in 5 %, behind in 5 % at most; three standard errors of 2000 trials are 2 %.
      expect(apart / trials).toBeLessThanOrEqual(0.1 + 0.02);
      expect(apart / trials).toBeGreaterThan(0.03);
    },
  );

  it("finds a schedule behind that is worse by three points, with ten seeds nearly always.", () => {
    const random = new Random(1, "protocol");
    const outcomes: (string | null)[] = [];
    for (let trial = 0; trial < 200; trial++) {
      const seeds = accuracies(random, 10, 0.8);
      const worse = seeds.map((value) => value - 0.03 + 0.01 * random.normal());
      outcomes.push(differenceOf(worse, seeds, "accuracy").verdict);
    }
    expect(outcomes.filter((outcome) => outcome === "behind").length).toBeGreaterThan(195);
  });
});

describe("comparatorOf", () => {
  const searched = (schedule: string, mean: number, test: number, diverged = 0) => {
    const trial = (baseRate: number, value: number) => ({
      baseRate,
      runs: 2,
      diverged: 0,
      mean: value,
      loss: 1,
    });
    const search = [trial(0.1, 0.2), { ...trial(0.3, mean), diverged }];
    return summarise([run(schedule, 1, test)], "accuracy", search);
  };

  it("is the shape with the best validation result, whatever the test data say.", () => {
    const rows = [searched("constant", 0.5, 0.9), searched("cosine", 0.6, 0.1), searched("l4", 0.9, 0.9)];
    expect(comparatorOf(rows)?.schedule).toBe("cosine");
    expect(comparatorOf([searched("l4", 0.9, 0.9)])).toBeUndefined();
    expect(comparatorOf([summarise([run("cosine", 1, 0.9)], "accuracy")])).toBeUndefined();
  });

  it("takes of a search the trial that did not diverge, and of equals the lower loss.", () => {
    expect(comparatorOf([searched("constant", 0.9, 0.5, 1), searched("cosine", 0.4, 0.5)])?.schedule).toBe(
      "cosine",
    );
    const trials = [
      { baseRate: 1, runs: 2, diverged: 0, mean: 0.5, loss: 2 },
      { baseRate: 2, runs: 2, diverged: 0, mean: 0.5, loss: 1 },
      { baseRate: 3, runs: 2, diverged: 0, mean: 0.5, loss: 1 },
    ];
    expect(bestTrial(trials, "accuracy")!.baseRate).toBe(2);
    expect(bestTrial([], "accuracy")).toBeUndefined();
  });
});

describe("rateBeyond", () => {
  it("goes on in the same ratio where an edge wins, and nowhere else.", () => {
    const rates = rateGrid(0.1, 4); // 0.05, 0.2, 0.8, 3.2
    expect(rateBeyond(rates, 3.2)).toBe(12.8);
    expect(rateBeyond(rates, 0.05)).toBe(0.0125);
    expect(rateBeyond(rates, 0.8)).toBeUndefined();
    expect(rateBeyond(rateGrid(0.1, 2), 3.2)).toBeUndefined(); // the next would be 204.8
  });
});

describe("levelsOf", () => {
  it("is the mean rate of each third, stretched to the run.", () => {
    const schedule = levelsOf([1, 3, 0.4, 0.6, 0.1, 0.1]);
    const state = schedule.init({ totalSteps: 9 });
    const rates = Array.from(
      { length: 9 },
      (_, step) => schedule.next(state, { step, loss: 1 }).learningRate,
    );
    expect(rates).toEqual([2, 2, 2, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1]);
  });

  it("is stretched over what is left where the run becomes longer.", () => {
    const runner = new ScheduleRunner(levelsOf([1, 3, 0.4, 0.6, 0.1, 0.1]), { totalSteps: 9 });
    for (let step = 0; step < 4; step++) runner.next({ loss: 1 });
    extend(runner, 14); // two steps a step
    const rates = Array.from({ length: 10 }, () => runner.next({ loss: 1 }).learningRate);
    expect(rates).toEqual([0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
  });
});
