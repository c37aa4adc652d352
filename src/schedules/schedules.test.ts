import { describe, expect, it } from "vitest";
import { CONTEXT, deepFreeze, observedAt, run, TOTAL_STEPS } from "../../test/schedule-run.ts";
import { rows } from "../../test/schedule-table.ts";
import type { Decision, Observed } from "./schedule.ts";

describe.each(rows)("the schedule $name", ({ schedule, byHand }) => {
  const { rates, saved } = run(schedule, schedule.init(CONTEXT));

  it("gives the rates worked out by hand.", () => {
    for (const [step, rate] of Object.entries(byHand))
      expect(rates[Number(step)], step).toBeCloseTo(rate, 12);
  });

  it("gives a finite rate >= 0 at every step, the last one, T-1, included.", () => {
    expect(rates).toHaveLength(TOTAL_STEPS);
    expect(rates.filter((rate) => !(Number.isFinite(rate) && rate >= 0))).toEqual([]);
  });

  it("gives the same bits when it is run again.", () => {
    expect(run(schedule, schedule.init(CONTEXT)).rates).toEqual(rates);
  });

  it("goes on with the same bits from a state saved as JSON at any step.", () => {
    for (const [step, text] of saved.entries()) {
      const resumed = run(schedule, deepFreeze(JSON.parse(text)), step);
      expect(resumed.rates).toEqual(rates.slice(step));
      expect(resumed.saved).toEqual(saved.slice(step));
    }
  });

  it("has a state that JSON keeps whole.", () => {
    let state = schedule.init(CONTEXT);
    for (let step = 0; step < TOTAL_STEPS; step++) {
      expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
      state = schedule.next(state, observedAt(step)).state;
    }
  });

  it("asks for everything that it reads, and is content with that.", () => {
    let state = schedule.init(CONTEXT);
    for (const [step, rate] of rates.entries()) {
      const all = observedAt(step);
      const wanted = schedule.wants?.(state, step) ?? [];
      const given: Observed = { step, loss: all.loss };
      for (const name of wanted) Object.assign(given, { [name]: all[name] });
      const decision = schedule.next(state, given);
      expect(decision.learningRate).toBe(rate);
      for (const name of wanted) {
        const { [name]: _, ...without } = given;
        const act = (): Decision<unknown> => schedule.next(state, without as Observed);
        // γ stays as it is where the loop does not measure the training set, and an event says so.
        if (name === "trainingSetLoss") expect(act().events?.[0]?.kind).toBe("gamma-kept");
        else expect(act).toThrow(expect.objectContaining({ code: "MISSING_OBSERVATION" }));
      }
      state = decision.state;
    }
  });
});
