import { describe, expect, it } from "vitest";
import { learnedSchedule, presets, type Schedule } from "../../schedules/index.ts";
import { initialiseParameters } from "../../schedules/internal.ts";
import { drawTask } from "../tasks/task-distribution.ts";
import { TaskRuns } from "../tasks/task-runs.ts";
import { createSmallEngine } from "./estimator-worker.ts";
import { heldOutValue, heldOutValueOf } from "./held-out.ts";
import { valuesOf } from "./objective.ts";

const cell = presets.transfer;
const theta = initialiseParameters(cell, 1, "fan-in");

describe("heldOutValueOf", () => {
  it("gives a schedule as such what heldOutValue gives its cell and θ, within rounding.", async () => {
    const snapshots = { switchRule: "fractions", fractions: [0], thetas: [theta] } as const;
    const schedule = learnedSchedule({ cell, snapshots, provenance: {} }) as Schedule<unknown>;
    const { value, ...counts } = await heldOutValueOf(() => schedule, 1);
    const expected = await heldOutValue(cell, theta, 1);
    expect(value).toBeCloseTo(expected.value, 2);
    expect(counts).toEqual({ diverged: expected.diverged, tasks: 1 });
  });
});

describe("heldOutValue", () => {
  it("is the mean of the objective over the first tasks that are held out, always the same.", async () => {
    const first = await heldOutValue(cell, theta, 2);
    expect(await heldOutValue(cell, theta, 2)).toEqual(first);
    expect(first).toMatchObject({ diverged: 0, tasks: 2 });
    const runs = new TaskRuns(await createSmallEngine(), cell);
    const values: number[] = [];
    for (const index of [0, 1])
      values.push(...valuesOf(await runs.run(drawTask(987_654_321, ["held-out", index]), [theta])));
    await runs.release();
    expect(first.value).toBe((values[0]! + values[1]!) / 2);
    expect(new Set(values).size).toBe(2);
  });

  it("counts the runs that diverge, whose value is 2.", async () => {
    const lost = await heldOutValue(cell, theta.fill(Number.NaN), 1);
    expect(lost).toEqual({ value: 2, diverged: 1, tasks: 1 });
  });

  it("refuses no tasks at all, and stops between two where it is told to.", async () => {
    for (const count of [0, 1.5])
      await expect(heldOutValue(cell, theta, count)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const stopped = heldOutValue(cell, theta, 1, AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
