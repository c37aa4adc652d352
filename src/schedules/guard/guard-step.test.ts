import { describe, expect, it } from "vitest";
import { acts, answers, harm, learning, range } from "../../../test/guard-answers.ts";
import { Random } from "../../random.ts";
import type { GuardState } from "./guard-state.ts";
import { type GuardAnswer, guardStep } from "./guard-step.ts";
import { guardLimits } from "./limits.ts";

describe("guardStep on runs that are lost", () => {
  it("goes back after six losses in a row that are not finite, to the newest copy.", () => {
    const answered = answers([...learning, ...range(5, () => Number.NaN), Number.POSITIVE_INFINITY, 0.5]);
    expect(acts(answered, "skip")).toEqual([300, 301, 302, 303, 304]);
    expect(harm(answered)).toEqual([305]);
    expect(answered[305]!.guard).toMatchObject({ factor: 1 / 4, acts: 1, newest: { step: 200, used: true } });
    expect(answered[305]!.older).toBeUndefined();
  });

  it("goes back to the older copy if the trouble comes again before there is a new one, and to that no more.", () => {
    const broken = range(6, () => Number.NaN);
    const answered = answers([...learning, ...broken, 0.5, ...broken, 0.5, ...broken]);
    const back = answered.filter(({ act }) => act === "rollback");
    expect(back.map(({ older }) => older)).toEqual([undefined, true, undefined]);
    expect(back.map(({ guard }) => guard.newest!.step)).toEqual([200, 100, 100]);
  });

  it("goes back where losses explode: at large rates after three, at the usual rate after twelve that are wild.", () => {
    const calm = [2.3, 2.1, 2.2, 2.0, 1.9, 2.0];
    const exploding = range(12, (t) => 10 * 1.7 ** t);
    expect(harm(answers([...calm, ...exploding], { ratio: 10 }))[0]).toBeLessThan(calm.length + 4);
    const [first] = harm(answers([...calm, ...exploding], { ratio: 1 }));
    expect(first).toBeGreaterThan(calm.length + 4);
    expect(first).toBeLessThan(calm.length + 12);
  });

  it("asks at a large rate what other batches lose at the same weights, and believes four of them.", () => {
    const calm = [2.3, 2.0, 1.6, 1.9, 1.7, 1.5, 1.6, 1.4];
    const yes = answers([...calm, 3.1, 3.0, 3.2, 3.1], { ratio: 8, totalSteps: 200 });
    expect([acts(yes, "skip"), harm(yes)]).toEqual([[8, 9, 10], [11]]);
    const no = answers([...calm, 3.1, 1.5, 1.4], { ratio: 8, totalSteps: 200 });
    expect([acts(no, "skip"), harm(no)]).toEqual([[8], []]);
    // Not at the usual rate, and not after a quarter of the run.
    for (const run of [
      { ratio: 1, totalSteps: 200 },
      { ratio: 8, totalSteps: 30 },
    ])
      expect(acts(answers([...calm, 3.1, 3.0, 3.2, 3.1], run), "skip")).toEqual([]);
  });

  it("goes back where what had been learned is lost and does not come back; sooner where the network went silent.", () => {
    const random = new Random(3, "stalled");
    // To what it lost at its start, so that no loss is a spike.
    const noisy = [...learning, ...range(400, () => 2.2 + 0.1 * random.normal())];
    const silent = [...learning, ...range(400, () => 2.2)];
    const run = { ratio: 10, totalSteps: 1000 };
    const [slow, fast] = [noisy, silent].map((losses) => harm(answers(losses, run))[0]!);
    expect(slow).toBeGreaterThan(340);
    expect(fast).toBeGreaterThan(310);
    expect(fast).toBeLessThan(slow!);
  });

  it("notices at a reckless rate alone that losses rose at the start and nothing was learned since.", () => {
    const random = new Random(4, "stall");
    const losses = [2.3, 4.4, 4.6, 3.9, 3.1, ...range(100, () => 2.5 + 0.02 * random.normal())];
    expect(harm(answers(losses, { ratio: 40 })).length).toBeGreaterThan(0);
    expect(harm(answers(losses, { ratio: 1 }))).toEqual([]);
  });

  it("takes the cut back where what it went back to loses as much: it was the data.", () => {
    const random = new Random(5, "shift");
    const shifted = range(40, () => 9 + random.normal());
    const answered = answers([...learning.slice(0, 20), ...shifted], { ratio: 10, totalSteps: 1000 });
    expect(harm(answered).length).toBe(1);
    expect(answered.at(-1)!.guard.factor).toBe(1);
  });

  it("goes back where losses stay next to infinite, or far above all before for as long as a stalled run must last.", () => {
    const losses = (level: number, steps: number) => [
      ...learning.slice(0, 150),
      ...range(steps, () => level),
    ];
    const huge = answers(losses(1e300, 10), { ratio: 10, totalSteps: 1000 });
    expect([acts(huge, "skip").slice(0, 2), harm(huge)[0]]).toEqual([[150, 151], 152]);
    const flat = answers(losses(50, 200), { totalSteps: 4000 });
    expect(harm(flat)[0]).toBe(150 + 149);
    for (const { guard } of [...huge, ...flat]) expect(JSON.parse(JSON.stringify(guard))).toEqual(guard);
  });

  it("skips a long row of losses that are not finite at weights that were good before, and a tenth of all batches.", () => {
    const random = new Random(7, "bursts");
    const burst = [
      ...learning,
      ...range(20, () => Number.NaN),
      ...range(300, () => 0.4 + 0.04 * random.normal()),
    ];
    expect(harm(answers(burst)).length).toBe(1);
    const tenth = range(10_000, () => (random.uniform() < 0.1 ? Number.NaN : 2 + 0.1 * random.normal()));
    expect(harm(answers(tenth))).toEqual([]);
  });

  it("learns what comes again and again between other losses, and goes on taking copies.", () => {
    const losses = range(1000, (t) => (t > 150 && t % 4 === 0 ? 1 : 0.01));
    const answered = answers(losses);
    expect(harm(answered)).toEqual([]);
    expect(acts(answered, "snapshot").at(-1)).toBeGreaterThan(800);
  });

  it("never raises the rate by an act, acts eight times at the most, and then leaves the run alone.", () => {
    const random = new Random(6, "hopeless");
    const losses = range(4000, (t) => 2 + 2 ** (t % 40) * (1 + random.uniform()));
    const answered = answers(losses, { ratio: 10 });
    const steps = harm(answered);
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.length).toBeLessThanOrEqual(guardLimits.mostActs);
    for (const step of steps)
      expect(answered[step]!.guard.factor).toBeLessThan(answered[step - 1]!.guard.factor);
  });

  it("does not go back further than a tenth of the run for losses that are finite, and then cuts alone.", () => {
    const losses = [...range(3000, () => 2), ...range(3000, () => 2)];
    const answered = answers(losses, { canRollBack: true });
    const last = answered.at(-1)!.guard;
    // As if no copy had been taken for long.
    const old = { ...last, newest: { ...last.newest!, step: 0 }, ratio: 10 };
    let guard: GuardState = old;
    const decided: GuardAnswer["act"][] = [];
    for (const [index, loss] of [50, 500, 5000, 50_000, 5e5, 5e6].entries()) {
      const seen = { step: 6000 + index, loss, totalSteps: 12_000, canRollBack: true };
      const answer = guardStep(guard, guardLimits, seen);
      guard = answer.guard;
      decided.push(answer.act);
    }
    expect(decided).toContain("cut");
    expect(decided).not.toContain("rollback");
  });

  it("only cuts where the loop cannot go back, and asks for no copy and no skip.", () => {
    const losses = [2.3, 2.1, 2.2, 2.0, 1.9, 2.0, ...range(12, (t) => 10 * 1.7 ** t)];
    const answered = answers(losses, { ratio: 10, canRollBack: false });
    expect(acts(answered, "snapshot", "skip", "rollback")).toEqual([]);
    expect(acts(answered, "cut").length).toBeGreaterThan(0);
  });

  it("keeps a state that goes through JSON as it is.", () => {
    const losses = [...learning, 90, Number.NaN, Number.NaN, Number.NaN, 0.5, 0.5];
    for (const { guard } of answers(losses, { ratio: 10 }))
      expect(JSON.parse(JSON.stringify(guard))).toEqual(guard);
  });
});
