import { describe, expect, it } from "vitest";
import { healthyRuns } from "../../../test/healthy-losses.ts";
import { withoutBackOff } from "../../../test/without-back-off.ts";
import type { Decision, Observed, Schedule } from "../schedule.ts";
import { warmup } from "../warmup.ts";
import { guardStep, patienceOf, startGuarding } from "./back-off.ts";
import { type CellConfig, presets } from "./config.ts";
import { initialiseParameters } from "./initialise.ts";
import { learnedSchedule, type MlrSnetState } from "./learned-schedule.ts";
import type { IntegratingOutput } from "./output.ts";

const output: IntegratingOutput = {
  ...(presets.transfer.output as IntegratingOutput),
  backOff: 1 / 4,
  start: 0.1,
};
const cell: CellConfig = { ...presets.transfer, output, hidden: 4 };
const context = { totalSteps: 100 };

function scheduleOf(of: CellConfig = cell): Schedule<MlrSnetState> {
  const thetas = [initialiseParameters(of, 5).map((value) => 3 * value)];
  return learnedSchedule({
    cell: of,
    snapshots: { switchRule: "fractions", fractions: [0], thetas },
    provenance: {},
  });
}

/** The decisions on these losses, one a step. */
function decide(
  losses: readonly number[],
  schedule = scheduleOf(),
  from?: MlrSnetState,
  first = 0,
): Decision<MlrSnetState>[] {
  const decisions: Decision<MlrSnetState>[] = [];
  let state = from ?? schedule.init(context);
  for (const [index, loss] of losses.entries()) {
    decisions.push(schedule.next(state, { step: first + index, loss }));
    state = decisions.at(-1)!.state;
  }
  return decisions;
}

const restored = (decisions: readonly Decision<unknown>[]): number[] =>
  decisions.flatMap(({ action }, step) => (action === "restore" ? [step] : []));

/** A run that learns: from 2.4 down to 0.4. */
const learning = Array.from({ length: 40 }, (_, step) => 0.4 + 2 * 0.9 ** step);
const dead = Array.from({ length: 60 }, () => 2.4);

describe("backingOff", () => {
  it("gives the rates of the same network without it where nothing goes wrong, and has weights kept.", () => {
    const decisions = decide(learning);
    const expected = decide(learning, scheduleOf(withoutBackOff(cell)));
    expect(decisions.map(({ learningRate }) => learningRate)).toEqual(
      expected.map(({ learningRate }) => learningRate),
    );
    const kept = decisions.flatMap(({ action }, step) => (action === "keep" ? [step] : []));
    expect(kept[0]).toBe(0);
    expect(kept.length).toBeGreaterThan(2);
    for (const [index, step] of kept.slice(1).entries())
      expect(step - kept[index]!).toBeGreaterThanOrEqual(10);
    expect(expected.every(({ action }) => action === undefined)).toBe(true);
  });

  it("goes back to its memory of the kept step, with a quarter of the highest rate since, and says so.", () => {
    const losses = [...learning, Number.NaN];
    const decisions = decide(losses);
    expect(restored(decisions)).toEqual([40]);
    const keptAt = decisions.findLastIndex(({ action }) => action === "keep");
    const { state, learningRate, events } = decisions.at(-1)!;
    expect(learningRate).toBe(0);
    const since = decisions.slice(keptAt, 40).map(({ state }) => state.history!.logRate);
    const highest = Math.max(...since);
    const before = decisions[keptAt - 1]!.state;
    expect(state.memory).toEqual(before.memory);
    expect(state.history).toEqual({
      ...before.history,
      step: 41,
      logRate: highest - Math.log(4),
      peak: highest - Math.log(4),
      failed: highest,
    });
    const times = Math.exp(highest - Math.log(4) - since.at(-1)!).toPrecision(3);
    expect(events).toEqual([
      {
        step: 40,
        kind: "restored",
        message: `loss not finite: rate times ${times}, weights back to those before step ${keptAt}.`,
      },
    ]);
  });

  it("keeps L_0 where it goes back to the untrained weights.", () => {
    const [first, second] = decide([2, Number.POSITIVE_INFINITY]);
    expect(first!.action).toBe("keep");
    expect(second!.state.history).toMatchObject({
      step: 2,
      logInitialLoss: Math.log(2),
      average: 1,
      fast: 0,
    });
  });

  it("goes on bit for bit from a state that went through JSON, before and after it went back.", () => {
    const losses = [...learning, 90, ...learning, Number.NaN, 1, 1];
    const whole = decide(losses);
    expect(restored(whole)).toEqual([40, 81]);
    for (const cut of [1, 39, 40, 41, 60, 82]) {
      const state = JSON.parse(JSON.stringify(whole[cut - 1]!.state)) as MlrSnetState;
      expect(decide(losses.slice(cut), scheduleOf(), state, cut)).toEqual(whole.slice(cut));
    }
  });

  it("would go back only where weights were kept and the rate is above its floor.", () => {
    const schedule = scheduleOf();
    const fresh = schedule.init(context);
    expect(schedule.restores!(fresh)).toBe(false);
    expect(() => schedule.next(fresh, { step: 0, loss: Number.NaN })).toThrow(
      expect.objectContaining({ code: "NOT_FINITE" }),
    );
    const { state } = schedule.next(fresh, { step: 0, loss: 2 });
    expect(schedule.restores!(state)).toBe(true);
    // From 0.1 to 1e-5 by quarters: seven times, then the floor.
    const lost = Array.from({ length: 20 }, () => Number.NaN);
    expect(() => decide([2, ...lost])).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
    expect(restored(decide([2, ...lost.slice(0, 7)]))).toHaveLength(7);
  });

  it("goes back where a gradient is not finite too.", () => {
    const schedule = scheduleOf({ ...cell, inputs: [...cell.inputs, "gradient-norm"] });
    const { state } = schedule.next(schedule.init(context), { step: 0, loss: 2, gradientNorm: 1 });
    expect(schedule.next(state, { step: 1, loss: 2, gradientNorm: Number.NaN }).action).toBe("restore");
  });

  it("notices a surge, a network that died, and that much of what had been learned is missed.", () => {
    const signs = (losses: readonly number[]) =>
      decide(losses)
        .flatMap(({ events }) => events ?? [])
        .filter(({ kind }) => kind === "restored")
        .map(({ message }) => message.split(":")[0]);
    const R = learning[0]!;
    const slowly = Array.from({ length: 19 }, () => 1.12 * R);
    const missing = Array.from({ length: 25 }, () => 2);
    const lost = expect.stringMatching(/^nothing learned or all lost for/);
    const surge = expect.stringMatching(/^loss [0-9.]+ where guessing loses 2.40$/);
    expect(signs([...learning, 60])).toEqual([surge]);
    expect(signs([...learning, 2.1 * R])).toEqual([surge]);
    expect(signs([...learning, 1.9 * R])).toEqual([]);
    expect(signs([R, ...slowly])).toEqual([surge]);
    expect(signs([R, ...slowly.slice(3)])).toEqual([]);
    expect(signs([2.3, 2.7, ...dead.slice(0, 30)])).toEqual([lost]);
    expect(signs([...learning, ...missing])).toEqual([lost]);
    expect(signs([...learning, ...Array.from({ length: 25 }, () => 1)])).toEqual([]);
  });

  it("keeps the norm of the first gradient, and asks for a loss that is missing.", () => {
    const schedule = scheduleOf({ ...cell, inputs: [...cell.inputs, "gradient-norm"] });
    const first = schedule.next(schedule.init(context), { step: 0, loss: 2, gradientNorm: 3 });
    const second = schedule.next(first.state, { step: 1, loss: Number.NaN, gradientNorm: 1 });
    expect(second.state.history!.logInitialGradientNorm).toBe(Math.log(3));
    const missing = { step: 1 } as unknown as Observed;
    expect(() => schedule.next(first.state, missing)).toThrow(
      expect.objectContaining({ code: "MISSING_OBSERVATION" }),
    );
  });

  it("refuses a guard that is damaged, whatever is to be done.", () => {
    const schedule = scheduleOf();
    const { state } = schedule.next(schedule.init(context), { step: 0, loss: 2 });
    for (const guard of [null, {}, { ...state.guard!, kept: null }, { ...state.guard!, watch: null }])
      for (const loss of [2, Number.NaN])
        expect(() =>
          schedule.next({ ...state, guard } as unknown as MlrSnetState, { step: 1, loss }),
        ).toThrow(expect.objectContaining({ code: "STATE_MISMATCH" }));
    expect(schedule.restores!({ ...state, guard: null } as unknown as MlrSnetState)).toBe(false);
  });

  it("goes back inside a warm-up too.", () => {
    const schedule = warmup(scheduleOf(), { steps: 3 });
    let state = schedule.init(context);
    expect(schedule.restores!(state)).toBe(false);
    for (let step = 0; step < 5; step++) state = schedule.next(state, { step, loss: 2 }).state;
    expect(schedule.restores!(state)).toBe(true);
    expect(schedule.next(state, { step: 5, loss: Number.NaN }).action).toBe("restore");
  });

  it("refuses the state of a schedule that does not back off.", () => {
    const { guard: _, ...state } = scheduleOf().init(context);
    expect(() => scheduleOf().next(state, { step: 0, loss: 2 })).toThrow(
      expect.objectContaining({ code: "STATE_MISMATCH" }),
    );
  });
});

describe("guardStep", () => {
  it.each([
    [2000, 500],
    [20, 5],
    [null, 100],
  ])("of a run of %s steps keeps no weights but the untrained before step %s.", (totalSteps, from) => {
    let guarding = startGuarding();
    const kept: number[] = [];
    for (let step = 0; step < 520; step++) {
      const answer = guardStep(guarding, output, { step, loss: 2 * 0.8 ** step, logRate: 0, totalSteps });
      guarding = answer.guarding;
      if (answer.act === "keep") kept.push(step);
    }
    expect(kept[0]).toBe(0);
    expect(kept[1]).toBe(Math.max(from, 10));
    expect(kept[2]).toBe(kept[1]! + 10);
  });

  /** The steps at which these losses are taken back. */
  const actsOn = (losses: readonly number[], totalSteps: number): number[] => {
    let guarding = startGuarding();
    return losses.flatMap((loss, step) => {
      const answer = guardStep(guarding, output, { step, loss, logRate: 0, totalSteps });
      guarding = answer.guarding;
      return answer.act === "restore" ? [step] : [];
    });
  };

  it("measures untrained weights that came back by what they lose, trained ones by the best.", () => {
    const losses = [...learning, 60, ...dead.slice(0, 30)];
    expect(actsOn(losses, 2000)).toHaveLength(1);
    expect(actsOn(losses, 100)).toHaveLength(2);
  });

  it("measures what the untrained weights lose again where they come back: a first loss may be small by chance, or 0.", () => {
    const falling = Array.from({ length: 400 }, (_, step) => 2 * 0.99 ** step);
    expect(actsOn([0.5, ...falling], 8000)).toEqual([1]);
    expect(actsOn([1e-6, ...falling], 8000)).toEqual([1]);
    expect(actsOn([0, ...falling], 8000)).toEqual([]);
    // The larger of the two: at 2 R it is a surge once more.
    expect(actsOn([2, 6, 1, 3.9], 8000)).toEqual([1]);
    expect(actsOn([2, 6, 1, 6.1], 8000)).toEqual([1, 3]);
  });

  it("doubles its limits with each act, so that no noise takes it down to the floor.", () => {
    const losses = Array.from({ length: 1000 }, (_, step) => (step % 40 === 39 ? 6 : 1));
    // 6 R is 5 above R: more than 1, 2 and 4, less than 8.
    expect(actsOn(losses, 8000)).toEqual([39, 79, 119]);
  });

  it("takes back few of the healthy runs, and none of them often.", () => {
    const acts = healthyRuns.map(({ losses }) => actsOn(losses, losses.length).length);
    expect(acts.filter((count) => count === 0)).toHaveLength(12);
    expect(Math.max(...acts)).toBe(1);
  });

  it("waits twice as long for something learned after each act.", () => {
    const patience = patienceOf(100);
    let guarding = startGuarding();
    const acts: number[] = [];
    for (let step = 0; step < 130; step++) {
      const loss = step === 1 || step === 30 ? 3 : 2.4;
      const answer = guardStep(guarding, output, { step, loss, logRate: 0, totalSteps: 100 });
      guarding = answer.guarding;
      if (answer.act !== "restore") continue;
      acts.push(step);
      expect(answer.sign).toBe(`nothing learned or all lost for ${patience * acts.length} steps`);
    }
    expect(acts).toEqual([25, 79]);
    expect(guarding.acts).toBe(2);
  });
});

describe("the presets that transfer", () => {
  it("back off by a half.", () => {
    expect(presets.transfer.output).toMatchObject({ backOff: 1 / 2 });
    expect(presets["transfer-anytime"].output).toMatchObject({ backOff: 1 / 2 });
  });
});

describe("patienceOf", () => {
  it("is a twentieth of the horizon, at least 25 steps, and 25 where it is not known.", () => {
    expect([null, 100, 500, 501, 2000].map(patienceOf)).toEqual([25, 25, 25, 26, 100]);
  });
});
