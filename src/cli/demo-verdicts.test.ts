import { describe, expect, it } from "vitest";
import type { CompareResult, CompareRun } from "../benchmark/index.ts";
import { summarise } from "../benchmark/internal.ts";
import { verdictsOn } from "./demo-verdicts.ts";

/** Seeds around an accuracy for each schedule; the noise is shared, as paired seeds share it. */
function result(accuracies: Record<string, number>, seeds: number, diverged = ""): CompareResult {
  const noises = [-0.01, 0, 0.01, -0.005, 0.005].slice(0, seeds);
  const runs = Object.entries(accuracies).map(([schedule, accuracy]) =>
    noises.map((noise, index): CompareRun => {
      const last = { loss: 1, accuracy: accuracy + noise * (schedule === "cosine" ? 1.5 : 1) };
      return {
        task: "t",
        schedule,
        seed: index + 1,
        baseRate: 0.1,
        status: schedule === diverged && index === 2 ? "diverged" : "done",
        last,
        best: last,
        validation: null,
        tuningRuns: ["constant", "cosine"].includes(schedule) ? 4 : 0,
        acts: [],
        curve: [],
      };
    }),
  );
  const summary = runs.map((own) => summarise(own, "accuracy"));
  return {
    task: "t",
    taskHash: "0",
    judgedBy: "accuracy",
    runs: runs.flat(),
    summary,
    comparator: null,
    paired: [],
  };
}
const planned = { title: "Elsewhere" };
const accuracies = { "zoo:default": 0.5, "zoo:paper": 0.45, live: 0.55, constant: 0.6, cosine: 0.7 };

describe("verdictsOn", () => {
  it("gives means of three seeds and no verdict, however large the difference is.", () => {
    const [first, second, third] = verdictsOn(planned, result(accuracies, 3), 35);
    expect(first).toEqual({
      topic: "Elsewhere",
      outcome: null,
      text: "zoo:default ends 20.0 points below cosine, the best of 2 made by hand, which were tuned in 8 runs together: 50.0 % without a tuning run beside 70.0 %; means of 3 seeds, too few for a verdict.",
    });
    expect(second).toEqual({
      topic: "Elsewhere",
      outcome: null,
      text: "zoo:default ends 5.0 points above zoo:paper, which was learned by the paper's recipe and ends at 45.0 %; means of 3 seeds, too few for a verdict.",
    });
    expect(third).toEqual({
      topic: "Elsewhere",
      outcome: null,
      text: "The schedule learned just now, in 35 s on this machine, ends at 55.0 %, 15.0 points below the best by hand and 5.0 points above zoo:default; means of 3 seeds, too few for a verdict.",
    });
  });

  it("says of five seeds what is better, what is behind and what they cannot tell.", () => {
    const [behind, ahead] = verdictsOn(planned, result(accuracies, 5), 35);
    expect(behind!.outcome).toBe("behind");
    expect(behind!.text).toMatch(/; behind, the interval of the difference is -20\.4 to -19\.6 points\.$/);
    expect(ahead!.outcome).toBe("better");
    const close = { ...accuracies, "zoo:default": 0.7, cosine: 0.703 };
    const [unclear] = verdictsOn(planned, result(close, 5), 35);
    expect(unclear!.outcome).toBe("inconclusive");
    expect(unclear!.text).toContain("zoo:default ends 0.3 points below cosine");
    const [level] = verdictsOn(planned, result({ ...accuracies, "zoo:default": 0.7 }, 5), 35);
    expect(level!.outcome).toBe("not-worse");
  });

  it("says how many runs diverged.", () => {
    const [, , third] = verdictsOn(planned, result(accuracies, 3, "live"), 35);
    expect(third!.text).toContain("ends at 55.0 % (1 of 3 runs diverged)");
  });
});
