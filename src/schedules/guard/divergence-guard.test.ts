import { describe, expect, it } from "vitest";
import { healthyRuns } from "../../../test/healthy-losses.ts";
import { Random } from "../../random.ts";
import { type GuardAnswer, guardStep } from "./divergence-guard.ts";
import { type GuardState, startGuard } from "./guard-state.ts";
import { checkLimits, guardLimits, limitAt } from "./limits.ts";

type Run = { totalSteps?: number; ratio?: number; canRollBack?: boolean };

/** What the guard answers to these losses, one a step, at rates of `ratio` times the usual one. */
function answers(losses: readonly number[], { totalSteps, ratio = 1, canRollBack = true }: Run = {}) {
  let guard = startGuard();
  return losses.map((loss, step): GuardAnswer => {
    const answer = guardStep(guard, guardLimits, {
      step,
      loss,
      totalSteps: totalSteps ?? losses.length,
      canRollBack,
    });
    guard = { ...answer.guard, ratio };
    return answer;
  });
}

/** Where it did what. */
function acts(of: readonly GuardAnswer[], ...kinds: readonly GuardAnswer["act"][]): number[] {
  return of.flatMap(({ act }, step) => (act && kinds.includes(act) ? [step] : []));
}
const harm = (of: readonly GuardAnswer[]): number[] => acts(of, "rollback", "cut");
const range = <T>(count: number, of: (step: number) => T): T[] =>
  Array.from({ length: count }, (_, t) => of(t));

/** A run that learns, with noise: from 2.4 down to 0.4. */
const noise = new Random(1, "guard");
const learning = range(300, (t) => (0.4 + 2 * Math.exp(-t / 60)) * (1 + 0.1 * noise.normal()));

/** Small inputs on which the guard before this one did harm, and the most that it may do now. */
const failures: [name: string, losses: number[], most: number][] = [
  ["F3: first 0.1, then always 2.2", [0.1, ...range(999, () => 2.2)], 1],
  ["F4: first 0.05, then 2 exp(-t/400)", [0.05, ...range(999, (t) => 2 * Math.exp(-t / 400))], 0],
  ["F5: the first a quarter of what comes later", [0.5, ...range(999, () => 2)], 0],
  [
    "F6: 0.05 and 3 in turn, both falling",
    range(1000, (t) => (t % 2 ? 3 : 0.05) * Math.exp((-2 * t) / 1000)),
    0,
  ],
  [
    "F6: 0.1 and 2.5 in turn, both falling",
    range(1000, (t) => (t % 2 ? 2.5 : 0.1) * Math.exp((-2 * t) / 1000)),
    0,
  ],
  [
    "F7: a loss of 1 in 2 % of the batches, 0.01 else",
    range(2000, (t) => ((t * 37) % 50 === 7 ? 1 : 0.01)),
    0,
  ],
  [
    "F8: at ln 4 for 175 steps, the first batch 1.376 by chance",
    [1.376, ...range(800, (t) => (t < 175 ? Math.log(4) : 0.4 + 0.986 * Math.exp((175 - t) / 150)))],
    0,
  ],
  [
    "F9: a fall of 4 % in all",
    range(10_000, (t) => 1 - (0.04 * t) / 10_000 + 0.02 * Math.sin(t * 12.9898)),
    0,
  ],
  ["F11: a loss that slowly rises", range(5000, (t) => 2.3 + (0.0128 * t) / 100), 0],
  [
    "F12: 2.5 times the loss at half of the run, then falling",
    range(2000, (t) => 2 * Math.exp(-t / 700) * (t < 1000 ? 1 : 2.5 * Math.exp((1000 - t) / 400))),
    0,
  ],
  ["F12: oscillation", range(3000, (t) => 1 + 0.5 * Math.sin(t / 90)), 0],
];

describe("guardStep on runs that are well", () => {
  it.each(failures)("leaves alone %s.", (_, losses, most) => {
    expect(harm(answers(losses)).length).toBeLessThanOrEqual(most);
  });

  it.each(failures)("decides the same with a constant added and in another unit: %s.", (_, losses) => {
    const decided = (of: readonly number[]) => answers(of).map(({ act }) => act);
    const plain = decided(losses);
    // Powers of two, so that no rounding moves a loss across a limit.
    for (const [offset, scale] of [
      [-8, 1],
      [0, 1024],
      [64, 1 / 1024],
    ] as const)
      expect(decided(losses.map((loss) => offset + scale * loss))).toEqual(plain);
  });

  it("does nothing to log-normal losses of σ 1.5, nor to twenty runs of 90 % noise.", () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed, "log-normal");
      const heavy = range(1000, () => Math.exp(1.5 * random.normal()));
      const noisy = range(1000, (t) => 2.3 - (0.2 * t) / 1000 + 0.3 * random.normal());
      expect([harm(answers(heavy)), harm(answers(noisy))]).toEqual([[], []]);
    }
  });

  it.each(healthyRuns)(
    "never acts on the recorded run of $network with $schedule from $baseRate, batch $batchSize, label noise $noise.",
    ({ losses, baseRate }) => {
      expect(harm(answers(losses, { ratio: baseRate / 0.1 }))).toEqual([]);
    },
  );

  it("skips a lone NaN and a lone outlier of a long run, and nothing else (F10).", () => {
    const random = new Random(2, "long");
    const losses = range(20_000, (t) => (3 + 7 * Math.exp(-t / 5000)) * (1 + 0.05 * random.normal()));
    for (const step of [4_800, 9_000, 9_500, 10_000]) losses[step] = Number.NaN;
    losses[4_980] = 1e6;
    const answered = answers(losses);
    expect(acts(answered, "skip")).toEqual([4_800, 4_980, 9_000, 9_500, 10_000]);
    expect(harm(answered)).toEqual([]);
  });

  it("takes at most one copy in a hundred steps, the first at once, of a run of any length.", () => {
    for (const steps of [1, 50, 1000, 30_000]) {
      const copies = acts(answers(range(steps, (t) => 2 * Math.exp((-3 * t) / steps))), "snapshot");
      expect(copies[0]).toBe(0);
      expect(copies.length).toBeLessThanOrEqual(1 + steps / 100);
      for (const [index, step] of copies.slice(1).entries())
        expect(step - copies[index]!).toBeGreaterThanOrEqual(Math.max(100, steps / 100));
    }
  });
});

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
    const random = new Random(3, "collapse");
    // To what it lost at its start, so that no loss is a high one.
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

  it("goes back where losses stay next to infinite, or far above all before for as long as a collapse must last.", () => {
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

describe("limits", () => {
  it("lie between the pair's two in equal ratios, and stay at the sharper one beyond four times the usual rate.", () => {
    expect(limitAt([12, 3], 0)).toBe(12);
    expect(limitAt([12, 3], 1)).toBe(12);
    expect(limitAt([12, 3], 2)).toBeCloseTo(6, 12);
    expect(limitAt([12, 3], 4)).toBeCloseTo(3, 12);
    expect(limitAt([12, 3], 400)).toBeCloseTo(3, 12);
  });

  it("are refused out of range.", () => {
    expect(() => checkLimits({ cut: 1 })).toThrow("`cut`");
    expect(() => checkLimits({ explosion: [12, 0] })).toThrow("`explosion`");
    expect(checkLimits({ cut: 0.5 })).toEqual({ ...guardLimits, cut: 0.5 });
  });
});
