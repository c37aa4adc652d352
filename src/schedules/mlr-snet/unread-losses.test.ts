import { describe, expect, it } from "vitest";
import { drive, integrating, tenLosses } from "../../../test/learned-runs.ts";
import { initialiseParameters } from "./initialise.ts";
import { learnedSchedule } from "./learned-schedule.ts";
import type { MlrSnetState } from "./learned-state.ts";
import type { IntegratingOutput } from "./output.ts";
import { presets } from "./presets.ts";

describe("learnedSchedule that reads losses by their logarithm", () => {
  const { step: δ, start } = presets.transfer.output as IntegratingOutput;
  const context = { totalSteps: 40, usualRate: 0.1 };

  /** Rates by hand: the network's answer 0.5 counts at the steps whose loss can be read, and progress at all. */
  function expectRates(rates: readonly number[], isRead: readonly boolean[]): void {
    expect(rates).toHaveLength(isRead.length);
    let exponent = 0;
    for (const [step, rate] of rates.entries()) {
      if (isRead[step]) exponent += (δ / 8) * (25 / (25 + step));
      const annealed = 0.1 * Math.cbrt(1000 / 40) * start * (1 - step / 40);
      expect(rate, `step ${step}`).toBeCloseTo(annealed * Math.exp(exponent), 12);
    }
  }

  it("refuses a first loss below 0, naming what to do", () => {
    const schedule = learnedSchedule(integrating());
    const message =
      /first loss of the run to be above 0, got -1, .* logarithm\. Give it the loss plus a constant, which changes no gradient, or use one that does not read the loss, such as linear\.$/;
    expect(() => drive(schedule, context, undefined, [-1, -2])).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
    );
    // The remedy that it names is one: losses that fall and losses that do not are told apart, 5 higher.
    const thetas = [initialiseParameters(presets.transfer, 4)];
    const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas };
    const heedful = learnedSchedule({ cell: presets.transfer, snapshots, provenance: {} });
    const falling = tenLosses.map((_, step) => -1 - step / 3);
    const [mended, flat] = [falling, tenLosses.map(() => -1)].map(
      (losses) =>
        drive(
          heedful,
          context,
          undefined,
          losses.map((loss) => loss + 5),
        ).rates,
    );
    expect(mended).not.toEqual(flat);
  });

  it("goes on by progress alone where a later loss is below 0, saying so once, over JSON too", () => {
    const losses = [2, -1, 1, -2, 1.5, -3];
    const { rates, events } = drive(learnedSchedule(integrating()), context, undefined, losses);
    expectRates(rates, [true, false, true, false, true, false]);
    const message = expect.stringMatching(
      /^A loss of -1 .* by progress alone\. Give it the loss plus a constant\.$/,
    );
    expect(events).toEqual([{ step: 1, kind: "loss-unread", message }]);
    const schedule = learnedSchedule(integrating());
    let state = schedule.init(context);
    const resumed = losses.map((loss, step) => {
      const decision = schedule.next(JSON.parse(JSON.stringify(state)) as MlrSnetState, { step, loss });
      state = decision.state;
      return { rate: decision.learningRate, kinds: decision.events?.map(({ kind }) => kind) };
    });
    expect(resumed.map(({ rate }) => rate)).toEqual(rates);
    expect(resumed.flatMap(({ kinds = [] }) => kinds)).toEqual(["loss-unread"]);
  });

  it("reads nothing of a loss below 0 into what it remembers", () => {
    const schedule = learnedSchedule(integrating());
    const first = schedule.next(schedule.init(context), { step: 0, loss: 2 }).state;
    const { history, memory } = schedule.next(first, { step: 1, loss: -1 }).state;
    expect(memory).toEqual(first.memory);
    expect(history).toEqual({ ...first.history, step: 2, output: 0 });
  });

  it("waits a first loss of exactly 0 out, and takes the first one above it as L_0", () => {
    const schedule = learnedSchedule(integrating());
    const { rates, events } = drive(schedule, context, undefined, [0, 0, 3, 1]);
    expectRates(rates, [false, false, true, true]);
    expect(events.map(({ step, kind }) => [step, kind])).toEqual([[0, "loss-unread"]]);
    let state = schedule.init(context);
    for (const [step, loss] of [0, 0, 3].entries()) state = schedule.next(state, { step, loss }).state;
    expect(state.history!.logInitialLoss).toBe(Math.log(3));
  });

  it("reads a later loss of 0 as the smallest there is, without a word", () => {
    const { rates, events } = drive(learnedSchedule(integrating()), context, undefined, [2, 0, 0, 1]);
    expectRates(rates, [true, true, true, true]);
    expect(events).toEqual([]);
  });

  it("keeps the rate of the step before where the form is the sigmoid, γ/2 before the first", () => {
    const schedule = learnedSchedule(integrating({ output: "sigmoid" }), { gamma: 0.8 });
    const { rates, events } = drive(schedule, { totalSteps: 4 }, undefined, [0, 2, -1, 1]);
    expect(rates[0]).toBe(0.4);
    // The second snapshot is in force from step 2 on, and asked from step 3 on.
    const [first, second] = [0.5, -0.5].map((p) => 0.8 / (1 + Math.exp(-Math.atanh(p))));
    for (const [step, rate] of [first, first, second].entries())
      expect(rates[step + 1]).toBeCloseTo(rate!, 14);
    expect(events.map(({ step, kind }) => [step, kind])).toEqual([[0, "loss-unread"]]);
  });

  it("is not bound by it where no input of the cell is a logarithm", () => {
    const schedule = learnedSchedule(integrating({ inputs: ["loss", "progress"] }));
    const { rates, events } = drive(schedule, context, undefined, [-1, -2, 0]);
    expectRates(rates, [true, true, true]);
    expect(events).toEqual([]);
  });
});
