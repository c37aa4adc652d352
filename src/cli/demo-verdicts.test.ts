import { describe, expect, it } from "vitest";
import { type CompareResult, type CompareRun, summarise } from "../benchmark/index.ts";
import { verdictsOn } from "./demo-verdicts.ts";

/** Three seeds around an accuracy for each schedule; the noise is shared, as paired seeds share it. */
function result(accuracies: Record<string, number>, diverged = ""): CompareResult {
  const runs = Object.entries(accuracies).map(([schedule, accuracy]) =>
    [-0.01, 0, 0.01].map((noise, index): CompareRun => {
      const last = { loss: 1, accuracy: accuracy + noise * (schedule === "cosine" ? 1.5 : 1) };
      return {
        task: "t",
        schedule,
        seed: index + 1,
        baseRate: 0.1,
        status: schedule === diverged && index === 2 ? "diverged" : "done",
        last,
        best: last,
        tuningRuns: ["constant", "cosine"].includes(schedule) ? 4 : 0,
        curve: [],
      };
    }),
  );
  const summary = runs.map((each) => summarise(each, "accuracy"));
  return { task: "t", judgedBy: "accuracy", runs: runs.flat(), summary };
}
const planned = { title: "Elsewhere" };
const accuracies = { "zoo:default": 0.5, "zoo:paper": 0.45, live: 0.55, constant: 0.6, cosine: 0.7 };

describe("verdictsOn", () => {
  it("says plainly where zoo:default loses, to what, and what the tuning of the others took.", () => {
    const [first, second, third] = verdictsOn(planned, result(accuracies), 35);
    expect(first).toEqual({
      topic: "Elsewhere",
      outcome: "loss",
      text: "zoo:default loses by 20.0 points. Without a tuning run it ends at 50.0 %; the best of 2 made by hand, tuned in 8 runs together, is cosine at 70.0 %.",
    });
    expect(second).toEqual({
      topic: "Elsewhere",
      outcome: "win",
      text: "zoo:default ends 5.0 points above zoo:paper, which was learned by the paper's recipe and ends at 45.0 %.",
    });
    expect(third).toEqual({
      topic: "Elsewhere",
      outcome: "loss",
      text: "The schedule learned just now, in 35 s on this machine, ends at 55.0 %, 15.0 points below the best by hand and 5.0 points above zoo:default.",
    });
  });

  it("calls a win a win and noise noise.", () => {
    const won = verdictsOn(planned, result({ ...accuracies, "zoo:default": 0.8, live: 0.8 }), 35);
    expect(won.map(({ outcome }) => outcome)).toEqual(["win", "win", "win"]);
    expect(won[2]!.text).toMatch(
      /10\.0 points above the best by hand and within the noise of the seeds of zoo:default\.$/,
    );
    const level = verdictsOn(planned, result({ ...accuracies, "zoo:default": 0.7, cosine: 0.703 }), 35);
    expect(level[0]!.outcome).toBe("tie");
    expect(level[0]!.text).toContain("is level, 0.3 points below and within the noise of the seeds");
    const beaten = verdictsOn(planned, result({ ...accuracies, "zoo:paper": 0.6 }), 35);
    expect(beaten[1]).toMatchObject({
      outcome: "loss",
      text: expect.stringContaining("10.0 points below zoo:paper"),
    });
  });

  it("says how many runs diverged.", () => {
    const [, , third] = verdictsOn(planned, result(accuracies, "live"), 35);
    expect(third!.text).toContain("ends at 55.0 % (1 of 3 runs diverged)");
  });
});
