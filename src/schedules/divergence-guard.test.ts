import { describe, expect, it } from "vitest";
import { annealToZero } from "./anneal-to-zero.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { divergenceGuard } from "./divergence-guard.ts";
import { hypergradientDescent } from "./hypergradient-descent.ts";
import { resumeRunner } from "./resume-runner.ts";
import { ScheduleRunner } from "./runner.ts";
import type { Decision, Observed, RunContext, Schedule } from "./schedule.ts";
import { warmup } from "./warmup.ts";

const context: RunContext = { totalSteps: 100 };

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

const rates = (decisions: readonly Decision<unknown>[]) => decisions.map(({ learningRate }) => learningRate);
const kinds = (decisions: readonly Decision<unknown>[]) =>
  decisions.flatMap(({ events = [] }) => events.map(({ step, kind }) => `${kind}@${step}`));

/** A run that learns: from 2.4 down to 0.4. */
const learning = Array.from({ length: 60 }, (_, step) => 0.4 + 2 * 0.9 ** step);
const notFinite = (count: number) => Array.from({ length: count }, () => Number.NaN);
/** One more than are skipped at usual rates. */
const broken = notFinite(6);
const exploding = Array.from({ length: 14 }, (_, step) => 10 * 1.7 ** step);

describe("divergenceGuard", () => {
  it("gives the inner schedule's rates bit for bit where the run is well, with one copy in a hundred steps.", () => {
    const inner = cosine({ baseRate: 0.3 });
    const decisions = decide(divergenceGuard(inner, { restore: true }), learning);
    expect(rates(decisions)).toEqual(rates(decide(inner, learning)));
    expect(kinds(decisions)).toEqual([]);
    expect(decisions.flatMap(({ action }, step) => (action ? [`${action}@${step}`] : []))).toEqual([
      "snapshot@0",
    ]);
  });

  it("asks for copies where the loop says that it keeps them, and for none where nothing is said.", () => {
    const schedule = divergenceGuard(constant({ baseRate: 1 }));
    const first = (given: RunContext) => decide(schedule, [2.4], given)[0]!.action;
    expect([first({}), first({ canRollBack: true }), first({ canRollBack: false })]).toEqual([
      undefined,
      "snapshot",
      undefined,
    ]);
  });

  it("skips a lone loss that is not finite, without asking the inner schedule.", () => {
    const schedule = divergenceGuard(hypergradientDescent({ baseRate: 1 }), { restore: true });
    const fresh = schedule.init(context);
    expect(schedule.tolerates!(fresh)).toBe(false);
    const { state } = schedule.next(fresh, { step: 0, loss: 2.4, gradientDotPreviousDirection: 0 });
    expect(schedule.tolerates!(state)).toBe(true);
    const decision = schedule.next(state, { step: 1, loss: Number.NaN });
    expect(decision).toMatchObject({ learningRate: 0, action: "skip", state: { inner: state.inner } });
    expect(decision.events).toEqual([
      { step: 1, kind: "skip", message: "loss not finite: the step is skipped." },
    ]);
    const quantity = { step: 1, loss: 2, gradientDotPreviousDirection: Number.POSITIVE_INFINITY };
    expect(schedule.next(state, quantity).action).toBe("skip");
  });

  it("goes back with the inner schedule, to a quarter of the rate, says so, and recovers.", () => {
    const schedule = divergenceGuard(hypergradientDescent({ baseRate: 1, hyperRate: 0.01 }), {
      restore: true,
    });
    let state = schedule.init(context);
    const seen: Decision<typeof state>[] = [];
    for (const [step, loss] of [...learning, ...notFinite(3), 0.5, 0.5].entries()) {
      seen.push(schedule.next(state, { step, loss, gradientDotPreviousDirection: 1 }));
      state = seen.at(-1)!.state;
    }
    expect(kinds(seen)).toEqual(["skip@60", "skip@61", "rollback@62"]);
    const back = seen[62]!;
    expect(back).toMatchObject({ learningRate: 0, action: "rollback" });
    expect(back.events![0]!.message).toBe(
      "losses in a row not finite: rate times 0.250, weights back to those before step 0.",
    );
    expect(back.state.inner).toEqual(schedule.init(context).inner);
    expect(seen[63]!.learningRate).toBeCloseTo(seen[0]!.learningRate / 4, 12);
  });

  it("refuses a loss that is not finite where it must not go back, or too much going back was of no use.", () => {
    const refused = expect.objectContaining({ code: "NOT_FINITE" });
    expect(() => decide(divergenceGuard(constant({ baseRate: 1 })), [2.4, Number.NaN])).toThrow(refused);
    const schedule = divergenceGuard(constant({ baseRate: 1 }), { restore: true });
    const lost = [2.4, ...notFinite(300)];
    expect(() => decide(schedule, lost)).toThrow(refused);
    expect(() => decide(schedule, lost.slice(0, 20))).not.toThrow();
    expect(() => decide(schedule, [Number.NaN])).toThrow(refused);
  });

  it("only cuts the rate where the loop cannot go back, at once.", () => {
    const decisions = decide(divergenceGuard(constant({ baseRate: 1 })), [...learning, ...exploding]);
    const [cut] = kinds(decisions);
    expect(cut).toMatch(/^cut@/);
    const step = Number(cut!.slice(4));
    expect([decisions[step - 1]!.learningRate, decisions[step]!.learningRate]).toEqual([1, 1 / 4]);
    expect(decisions.every(({ action }) => action === undefined)).toBe(true);
  });

  it("looks closer at rates far above the usual one, in whatever unit.", () => {
    const steps = (baseRate: number, usualRate: number) =>
      kinds(
        decide(divergenceGuard(constant({ baseRate }), { restore: true }), [...learning, ...exploding], {
          ...context,
          usualRate,
        }),
      )[0]!;
    expect(steps(1, 0.1)).toBe(steps(0.01, 0.001));
    const at = (of: string) => Number(of.split("@")[1]);
    expect(at(steps(1, 0.1))).toBeLessThan(at(steps(1, 1)));
  });

  it("does not take a quantity that is undefined for one that is not finite.", () => {
    const schedule = divergenceGuard(constant({ baseRate: 1 }), { restore: true });
    const { state } = schedule.next(schedule.init({}), { step: 0, loss: 2 });
    const observed = { step: 1, loss: 2, trainingSetLoss: undefined } as unknown as Observed;
    expect(schedule.next(state, observed)).toMatchObject({ learningRate: 1 });
  });

  it("passes on what the inner schedule wants, and its events.", () => {
    const schedule = divergenceGuard(hypergradientDescent({ baseRate: 0.1, hyperRate: 1 }));
    const state = schedule.init(context);
    expect(schedule.wants!(state, 0)).toEqual(["gradientDotPreviousDirection"]);
    const { events } = schedule.next(state, { step: 0, loss: 2, gradientDotPreviousDirection: -9 });
    expect(events!.map(({ kind }) => kind)).toEqual(["rate-clamped"]);
  });

  it("goes back inside anneal-to-zero and around a warm-up too, and takes up a state saved as JSON at any step.", () => {
    const inner = warmup(constant({ baseRate: 0.1 }), { steps: 5 });
    const schedule = annealToZero(divergenceGuard(inner, { restore: true }), { steps: 10 });
    const losses = [...learning, ...broken, 2, 1.9, ...broken, 1.8, 1.7];
    const whole = decide(schedule, losses);
    expect(kinds(whole).filter((kind) => kind.startsWith("rollback"))).toEqual([
      "rollback@65",
      "rollback@73",
    ]);
    for (const cut of [1, 5, 30, 61, 65, 66, 69, 74]) {
      let state = JSON.parse(JSON.stringify(whole[cut - 1]!.state));
      for (let step = cut; step < losses.length; step++) {
        const decision = schedule.next(state, { step, loss: losses[step]! });
        expect(decision).toEqual(whole[step]);
        state = decision.state;
      }
    }
  });

  it("refuses limits out of range and names that are none.", () => {
    expect(() => divergenceGuard(constant({ baseRate: 1 }), { cut: 1 })).toThrow("`cut`");
    expect(() => divergenceGuard(constant({ baseRate: 1 }), { patience: 0 } as object)).toThrow("`patience`");
    expect(() => divergenceGuard(constant({ baseRate: 1 }), { mostAct: 3 } as object)).toThrow("mostActs");
  });
});

describe("ScheduleRunner with the way back", () => {
  /** A loop of three weights, whose copies are told by what they hold. */
  function loop(schedule = divergenceGuard(constant({ baseRate: 0.1 }))) {
    const weights = [0];
    const taken: number[] = [];
    const put: number[] = [];
    const ways = {
      snapshot: () => {
        taken.push(weights[0]!);
        return [...weights];
      },
      rollback: (copy: number[]) => {
        put.push(copy[0]!);
        weights[0] = copy[0]!;
      },
    };
    return { weights, taken, put, ways, schedule };
  }

  it("takes copies and puts them back itself: the newest first, then the older one.", () => {
    const { weights, taken, put, ways, schedule } = loop();
    const runner = new ScheduleRunner(schedule, { totalSteps: 1000 }, ways);
    const losses = [...Array.from({ length: 350 }, () => 2), ...broken, 2, ...broken, 2];
    for (const [step, loss] of losses.entries()) {
      weights[0] = step;
      const { applies, action } = runner.next({ loss });
      expect(applies).toBe(action === undefined || action === "snapshot");
    }
    expect(taken).toEqual([0, 100, 200, 300]);
    expect(put).toEqual([300, 200]);
  });

  it("takes a copy anew at the first step after a load, and asks for the two functions again.", () => {
    const { weights, taken, put, ways, schedule } = loop();
    const runner = new ScheduleRunner(schedule, { totalSteps: 1000 }, ways);
    for (let step = 0; step < 50; step++) runner.next({ loss: 2 });
    const saved = JSON.parse(JSON.stringify(runner));
    expect(() => resumeRunner(schedule, saved)).toThrow("{ snapshot, rollback }");
    const resumed = resumeRunner(schedule, saved, ways);
    weights[0] = 50;
    for (const loss of [2, ...broken]) resumed.next({ loss });
    expect([taken, put]).toEqual([[0, 50], [50]]);
    const without = new ScheduleRunner(schedule, { totalSteps: 1000 });
    without.next({ loss: 2 });
    const plain = JSON.parse(JSON.stringify(without));
    expect(() => resumeRunner(schedule, plain, ways)).toThrow("and only then, got them");
  });

  it("forgets a copy of a step that is taken back.", () => {
    const { weights, put, ways, schedule } = loop();
    const runner = new ScheduleRunner(schedule, { totalSteps: 1000 }, ways);
    for (let step = 0; step <= 200; step++) {
      weights[0] = step;
      runner.next({ loss: 2 });
    }
    runner.undo();
    for (const loss of [2, ...broken, 2, ...broken]) runner.next({ loss });
    expect(put).toEqual([200, 100]);
  });

  it("says what is missing where a schedule asks for more than the runner was given.", () => {
    const runner = new ScheduleRunner(divergenceGuard(constant({ baseRate: 1 }), { restore: true }), {});
    expect(() => runner.next({ loss: 2 })).toThrow(
      "Expected `{ snapshot, rollback }` as the runner's third argument, got none",
    );
  });
});
