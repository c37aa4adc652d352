import { describe, expect, it } from "vitest";
import { type CompareResult, type CompareRun, summarise } from "../benchmark/index.ts";
import { verdictsOn } from "./demo-verdicts.ts";

/** Three seeds around an accuracy for each schedule; the noise is shared, as paired seeds share it. */
function result(accuracies: Record<string, number>): CompareResult {
  const runs = Object.entries(accuracies).map(([schedule, accuracy]) =>
    [-0.01, 0, 0.01].map((noise, index): CompareRun => {
      const last = { loss: 1, accuracy: accuracy + noise * (schedule === "cosine" ? 1.5 : 1) };
      const tuningRuns = schedule === "mlr-snet" ? 0 : 4;
      return {
        task: "t",
        schedule,
        seed: index + 1,
        baseRate: 0.1,
        status: "done",
        last,
        best: last,
        tuningRuns,
        curve: [],
      };
    }),
  );
  return { task: "t", runs: runs.flat(), summary: runs.map(summarise) };
}
const planned = { task: "t", title: "Elsewhere", steps: 2000 };

describe("verdictsOn", () => {
  it("says plainly where the paper's recipe loses, and to what.", () => {
    const [first, second] = verdictsOn(
      planned,
      result({ "mlr-snet": 0.5, levels: 0.45, constant: 0.6, cosine: 0.7 }),
    );
    expect(first).toEqual({
      outcome: "loss",
      text: "Elsewhere (t, 2,000 steps): The paper's recipe loses by 20.0 points. It ends at 50.0 %, the best schedule made by hand (cosine) at 70.0 %, whose rate took 4 runs to find; MLR-SNet took none.",
    });
    expect(second).toMatchObject({ outcome: "win", text: expect.stringContaining("adds 5.0 points") });
  });

  it("calls a win a win and noise noise.", () => {
    const won = verdictsOn(planned, result({ "mlr-snet": 0.8, levels: 0.8, constant: 0.6, cosine: 0.7 }));
    expect(won.map(({ outcome }) => outcome)).toEqual(["win", "tie"]);
    const level = verdictsOn(planned, result({ "mlr-snet": 0.7, levels: 0.8, constant: 0.6, cosine: 0.703 }));
    expect(level.map(({ outcome }) => outcome)).toEqual(["tie", "loss"]);
    expect(level[0]!.text).toContain("within the noise of the seeds");
  });
});
