import { describe, expect, it } from "vitest";
import { healthyRuns } from "../../test/healthy-losses.ts";
import { annealToZero } from "./anneal-to-zero.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { hypergradientDescent } from "./hypergradient-descent.ts";
import { insured } from "./insured.ts";
import type { Decision, Observed, RunContext, Schedule } from "./schedule.ts";
import { warmup } from "./warmup.ts";

const context: RunContext = { initialLoss: 2.4, classes: 10, totalSteps: 100 };

/** The decisions on these losses, one a step. */
function decide<State>(schedule: Schedule<State>, losses: readonly number[], given = context) {
  const decisions: Decision<State>[] = [];
  let state = schedule.init(given);
  for (const [step, loss] of losses.entries()) {
    decisions.push(schedule.next(state, { step, loss }));
    state = decisions.at(-1)!.state;
  }
  return decisions;
}

const kinds = (decisions: readonly Decision<unknown>[]) =>
  decisions.flatMap(({ events = [] }) => events.map(({ step, kind }) => `${kind}@${step}`));

/** A run that learns: from 2.4 down to 0.4. */
const learning = Array.from({ length: 60 }, (_, step) => 0.4 + 2 * 0.9 ** step);

describe("insured", () => {
  it.each(healthyRuns)(
    "never acts on the healthy run of $network with $schedule from $baseRate, batch $batchSize, label noise $noise.",
    ({ initialLoss, losses }) => {
      const run = { initialLoss, classes: 10, totalSteps: losses.length };
      const inner = cosine({ baseRate: 0.3 });
      const rates = decide(insured(inner, { restore: true }), losses, run);
      expect(kinds(rates)).toEqual([]);
      expect(rates.map(({ learningRate }) => learningRate)).toEqual(
        decide(inner, losses, run).map(({ learningRate }) => learningRate),
      );
    },
  );

  it("does not take a quantity that is undefined for one that is not finite.", () => {
    const schedule = insured(constant({ baseRate: 1 }), { restore: true });
    const { state } = schedule.next(schedule.init({}), { step: 0, loss: 2 });
    const observed = { step: 1, loss: 2, trainingSetLoss: undefined } as unknown as Observed;
    expect(schedule.next(state, observed)).toMatchObject({ learningRate: 1 });
  });

  it("backs off to a quarter where a loss is far above that of guessing, and then recovers slowly.", () => {
    const decisions = decide(insured(constant({ baseRate: 1 }), { recovery: 100 }), [2.4, 60, 2.4, 2.4]);
    const rates = decisions.map(({ learningRate }) => learningRate);
    expect(rates[0]).toBe(1);
    expect(rates[1]).toBe(1 / 4);
    expect(rates[2]).toBeCloseTo(Math.exp(0.01) / 4, 12);
    expect(rates[3]).toBeCloseTo(Math.exp(0.02) / 4, 12);
    expect(kinds(decisions)).toEqual(["backed-off@1"]);
  });

  it("recovers half as fast after each further act, up to the inner rate exactly.", () => {
    const schedule = insured(constant({ baseRate: 1 }), { recovery: 10 });
    const losses = [2.4, 60, 2000, ...Array.from({ length: 60 }, () => 1)];
    const rates = decide(schedule, losses).map(({ learningRate }) => learningRate);
    expect(rates[2]).toBe(1 / 16);
    expect(rates[3]).toBeCloseTo(Math.exp(1 / 20) / 16, 12);
    expect(rates.at(-1)).toBe(1);
  });

  it("sums several losses that are each too high but not absurd.", () => {
    expect(kinds(decide(insured(constant({ baseRate: 1 })), [2.4, 24, 24, 24]))).toEqual(["backed-off@3"]);
  });

  it("keeps the untrained weights, then good ones at least ten steps apart, and asks to restore them.", () => {
    const schedule = insured(constant({ baseRate: 1 }), { restore: true });
    const decisions = decide(schedule, [...learning, 60]);
    const kept = decisions.flatMap(({ action }, step) => (action === "keep" ? [step] : []));
    expect(kept.slice(0, 3)).toEqual([0, 10, 20]);
    expect(decisions.at(-1)).toMatchObject({ learningRate: 0, action: "restore" });
    expect(decisions.at(-1)!.events![0]!.message).toBe(
      "loss 60.0 where guessing loses 2.30: rate times 0.250, weights back to those before step 50.",
    );
  });

  it("restores where the loss is not finite, without asking the inner schedule.", () => {
    const schedule = insured(hypergradientDescent({ baseRate: 1 }), { restore: true });
    let state = schedule.init(context);
    expect(schedule.restores!(state)).toBe(false);
    state = schedule.next(state, { step: 0, loss: 2.4, gradientDotPreviousDirection: 0 }).state;
    expect(schedule.restores!(state)).toBe(true);
    const decision = schedule.next(state, { step: 1, loss: Number.NaN });
    expect(decision).toMatchObject({ learningRate: 0, action: "restore", state: { inner: state.inner } });
    expect(JSON.parse(JSON.stringify(decision.state))).toEqual(decision.state);
  });

  it("refuses a loss that is not finite where it must not restore.", () => {
    const schedule = insured(constant({ baseRate: 1 }));
    expect(() => decide(schedule, [2.4, Number.NaN])).toThrow(
      expect.objectContaining({ code: "NOT_FINITE" }),
    );
  });

  it("gives up on losses that stay not finite however low the rate.", () => {
    const schedule = insured(constant({ baseRate: 1 }), { restore: true });
    const losses = [2.4, ...Array.from({ length: 20 }, () => Number.NaN)];
    expect(() => decide(schedule, losses)).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
    expect(() => decide(schedule, losses.slice(0, 11))).not.toThrow();
  });

  it("notices a network that died without a surge: a rise, and then nothing learned for `patience` steps.", () => {
    const dead = [2.31, 2.7, ...Array.from({ length: 40 }, () => 2.31)];
    const schedule = insured(constant({ baseRate: 1 }), { patience: 30 });
    expect(kinds(decide(schedule, dead))).toEqual(["backed-off@30"]);
    const slow = Array.from({ length: 42 }, () => 2.31);
    expect(kinds(decide(schedule, slow))).toEqual([]);
  });

  it("adds up what lies above R: eleven steps of 4 R are a surge, five are none.", () => {
    const surging = (steps: number) => [...learning, ...Array.from({ length: steps }, () => 4 * 2.31)];
    const schedule = insured(constant({ baseRate: 1 }), { patience: 1000 });
    expect(kinds(decide(schedule, surging(11)))).toEqual(["backed-off@70"]);
    expect(kinds(decide(schedule, surging(5)))).toEqual([]);
  });

  it("notices that all was lost that had been learned.", () => {
    const collapsed = [...learning, ...Array.from({ length: 80 }, () => 2.31)];
    expect(kinds(decide(insured(constant({ baseRate: 1 }), { patience: 30 }), collapsed))).toHaveLength(1);
  });

  it("is not misled by large initial weights, whose loss is far above guessing.", () => {
    const large = { ...context, initialLoss: 40 };
    const losses = Array.from({ length: 60 }, (_, step) => 1 + 39 * 0.8 ** step);
    const schedule = insured(constant({ baseRate: 1 }), { restore: true });
    expect(kinds(decide(schedule, losses, large))).toEqual([]);
    expect(kinds(decide(schedule, [...losses, 60], large))).toEqual(["restored@60"]);
  });

  it("passes on what the inner schedule wants, and its events.", () => {
    const schedule = insured(hypergradientDescent({ baseRate: 0.1, hyperRate: 1 }));
    const state = schedule.init(context);
    expect(schedule.wants!(state, 0)).toEqual(["gradientDotPreviousDirection"]);
    const { events } = schedule.next(state, { step: 0, loss: 2, gradientDotPreviousDirection: -9 });
    expect(events!.map(({ kind }) => kind)).toEqual(["rate-clamped"]);
  });

  it("restores inside anneal-to-zero too, and takes up a state saved as JSON after an act.", () => {
    const inner = warmup(constant({ baseRate: 1 }), { steps: 5 });
    const schedule = annealToZero(insured(inner, { restore: true }), { steps: 10 });
    const losses = [...learning, Number.NaN, 2, 60, 1.9, 1.8, 1.7];
    const whole = decide(schedule, losses);
    expect(kinds(whole)).toEqual(["restored@60", "restored@62"]);
    let state = JSON.parse(JSON.stringify(whole[61]!.state));
    for (let step = 62; step < losses.length; step++) {
      const decision = schedule.next(state, { step, loss: losses[step]! });
      expect(decision).toEqual(whole[step]);
      state = decision.state;
    }
  });

  it("refuses options out of range.", () => {
    expect(() => insured(constant({ baseRate: 1 }), { factor: 1 })).toThrow("`factor`");
    expect(() => insured(constant({ baseRate: 1 }), { patience: 0 })).toThrow("`patience`");
  });
});
