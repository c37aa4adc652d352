import { describe, expect, it } from "vitest";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { hypergradientDescent } from "./hypergradient-descent.ts";
import { linear } from "./linear.ts";
import { MlrSnet } from "./mlr-snet/mlr-snet.ts";
import { ScheduleRunner } from "./runner.ts";
import type { RunContext, Schedule } from "./schedule.ts";
import { warmup } from "./warmup.ts";

describe("warmup", () => {
  it.each([cosine({ baseRate: 1 }), constant({ baseRate: 1 })] as Schedule<unknown>[])(
    "refuses to be longer than the run, naming both.",
    (inner) => {
      const message =
        "Expected `totalSteps` to be more than the warm-up, got a warm-up of 100 steps and a run of 10: shorten the warm-up, or train longer.";
      for (const context of [{ totalSteps: 10 }, { epochs: 2, stepsPerEpoch: 5 }])
        expect(() => warmup(inner, { steps: 100 }).init(context)).toThrow(
          expect.objectContaining({ code: "INVALID_ARGUMENT", message }),
        );
    },
  );

  it("tells the schedule behind it of what it leaves of the run, in steps and in epochs.", () => {
    let told: object = {};
    const inner: Schedule<null> = {
      init(context) {
        told = context;
        return null;
      },
      next: (state) => ({ learningRate: 1, state }),
    };
    const behind = (steps: number, context: RunContext): object => {
      warmup(inner, { steps }).init(context);
      return told;
    };
    const run = { totalSteps: 300, epochs: 30, stepsPerEpoch: 10, classes: 10 };
    expect(behind(150, run)).toEqual({ totalSteps: 150, epochs: 15, stepsPerEpoch: 10, classes: 10 });
    expect(behind(0, run)).toEqual(run);
    expect(behind(295, run)).toMatchObject({ totalSteps: 5, epochs: 1 });
    expect(behind(150, { epochs: 30, stepsPerEpoch: 10 })).toEqual({ epochs: 15, stepsPerEpoch: 10 });
    expect(behind(150, { epochs: 30, totalSteps: 300 })).toEqual({ epochs: 15, totalSteps: 150 });
    expect(behind(150, { stepsPerEpoch: 10 })).toEqual({ stepsPerEpoch: 10 });
  });

  it("lets the snapshots of zoo:paper switch at 200 and 250 of 300 steps behind 150 of its own.", async () => {
    const paper = await MlrSnet.load("zoo:paper");
    const counted = { epochs: 30, stepsPerEpoch: 10 };
    for (const switchRule of ["epoch-thirds", "fractions"] as const)
      for (const context of [counted, { totalSteps: 300, ...counted }]) {
        const schedule = warmup(paper.schedule({ switchRule }), { steps: 150 });
        const runner = new ScheduleRunner(schedule, { classes: 10, initialLoss: 2.3, ...context });
        const switches: number[] = [];
        for (let step = 0; step < 300; step++) {
          if (runner.wants.includes("trainingSetLoss")) switches.push(step);
          runner.next({ loss: 2, trainingSetLoss: 1.5 });
        }
        expect(switches).toEqual([200, 250]);
      }
    const late = warmup(paper.schedule({ switchRule: "epoch-thirds" }), { steps: 280 });
    expect(() => late.init({ classes: 10, ...counted })).toThrow(
      /at least 3 epochs, .* got 2: .* This is what a warm-up of 280 steps leaves of the run\.$/,
    );
    // What the schedule lacks has nothing to do with the warm-up, and so is said as without one.
    expect(() => late.init(counted)).toThrow(
      /^Expected `classes` to be an integer >= 2, got none: .* use zoo:default\.$/,
    );
  });

  it("counts in the run's steps whatever the schedule behind it says.", () => {
    const schedule = warmup(warmup(linear({ baseRate: 1 }), { steps: 2 }), { steps: 3 });
    let state = schedule.init({ totalSteps: 9 });
    const events = Array.from({ length: 11 }, (_, step) => {
      const decision = schedule.next(state, { step, loss: 1 });
      state = decision.state;
      return decision.events ?? [];
    });
    const message = "Step 9 is past the declared 9 steps.";
    expect(events.flat()).toEqual([{ step: 9, kind: "past-the-end", message }]);
    const hd = warmup(hypergradientDescent({ baseRate: 1 }), { steps: 3 });
    for (const [step, got] of [
      [1, undefined],
      [7, Number.NaN],
    ] as const)
      expect(() =>
        hd.next(hd.init({}), { step, loss: 1, ...(got && { gradientDotPreviousDirection: got }) }),
      ).toThrow(`\`gradientDotPreviousDirection\` at step ${step}`);
  });
});
