import { describe, expect, it } from "vitest";
import { catalogue } from "./catalogue.ts";
import { checksum } from "./checksum.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { hypergradientDescent } from "./hypergradient-descent.ts";
import { linear } from "./linear.ts";
import { MlrSnet } from "./mlr-snet/mlr-snet.ts";
import { ratesFor } from "./rates-for.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import { resumeRunner } from "./resume-runner.ts";
import { ScheduleRunner } from "./runner.ts";
import type { Schedule } from "./schedule.ts";
import { warmup } from "./warmup.ts";

const plateau = reduceOnPlateau({ baseRate: 1, every: { steps: 2 }, patience: 0, factor: 0.5 });

describe("ScheduleRunner", () => {
  it("counts the steps itself and keeps the last rate.", () => {
    const runner = new ScheduleRunner(linear({ baseRate: 1 }), { totalSteps: 4 });
    expect(runner.learningRate).toBeNull();
    const rates = [1, 2, 3, 4].map((loss) => runner.next({ loss }).learningRate);
    expect(rates).toEqual([1, 0.75, 0.5, 0.25]);
    expect([runner.step, runner.learningRate]).toEqual([4, 0.25]);
  });

  it("takes the mean of accumulated losses, which equals one batch of that loss.", () => {
    const whole = new ScheduleRunner(plateau);
    const parts = new ScheduleRunner(plateau);
    for (const loss of [2, 1.5, 3, 3, 3, 3]) {
      whole.next({ loss });
      for (const micro of [loss - 1, loss, loss + 1]) parts.accumulate(micro);
      parts.next();
      expect(checksum(parts)).toBe(checksum(whole));
    }
    expect(parts.learningRate).toBe(0.5);
  });

  it("weighs accumulated losses by their weights: one token at 10 and 999 at 1 are 1.009.", () => {
    const seen: number[] = [];
    const listening: Schedule<null> = {
      init: () => null,
      next(state, { loss }) {
        seen.push(loss);
        return { learningRate: 1, state };
      },
    };
    const runner = new ScheduleRunner(listening);
    runner.accumulate(10, 1);
    runner.accumulate(1, 999);
    runner.next();
    for (const loss of [2, 3]) runner.accumulate(loss);
    runner.next();
    expect(seen).toEqual([1.009, 2.5]);
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "2"])
      expect(() => runner.accumulate(1, weight as number)).toThrow(
        expect.objectContaining({
          code: "INVALID_ARGUMENT",
          message: expect.stringMatching(/`weight` to be a number > 0/),
        }),
      );
  });

  it("goes on after JSON in the middle of a step whose losses are weighted, or not finite.", () => {
    const runner = new ScheduleRunner(plateau);
    runner.accumulate(10, 1);
    const resumed = resumeRunner(plateau, JSON.parse(JSON.stringify(runner)));
    for (const one of [runner, resumed]) one.accumulate(1, 999);
    expect(resumed.next()).toEqual(runner.next());
    runner.accumulate(Number.POSITIVE_INFINITY);
    const overflowed = resumeRunner(plateau, JSON.parse(JSON.stringify(runner)));
    expect(() => overflowed.next()).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
    overflowed.skip();
    expect(overflowed.next({ loss: 1 }).learningRate).toBe(1);
  });

  it.each<[string, unknown]>([
    ["Float32Array", Float32Array.of(2)],
    ["Array", [2]],
    ["String", "2"],
    [
      "Tensor",
      new (class Tensor {
        item = () => 2;
      })(),
    ],
    ["Boolean", true],
    ["object", Object.create(null)],
  ])("refuses a %s where a number is observed, and says how to take the number out.", (type, value) => {
    const runner = new ScheduleRunner(plateau);
    const acts: [string, () => unknown][] = [
      ["loss", () => runner.accumulate(value as number)],
      ["loss", () => runner.next({ loss: value as number })],
      ["validationLoss", () => runner.next({ loss: 1, validationLoss: value as number })],
      ["loss", () => plateau.next(plateau.init({}), { step: 0, loss: value as number })],
    ];
    for (const [name, act] of acts) {
      const message = expect.stringMatching(
        new RegExp(
          `^Expected \`${name}\` to be a number, got .*\\(${type}\\): .* ${name}\\[0\\] or ${name}\\.item\\(\\)`,
        ),
      );
      expect(act).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
    }
    expect(runner.next({ loss: 1 }).learningRate).toBe(1);
  });

  it("does not advance for a step that is skipped, and forgets the losses accumulated for it.", () => {
    const runner = new ScheduleRunner(plateau);
    runner.accumulate(Number.POSITIVE_INFINITY);
    runner.skip();
    expect(runner.step).toBe(0);
    expect(runner.next({ loss: 1 }).learningRate).toBe(1);
  });

  it("takes back a step whose update was refused after the rate was asked for.", () => {
    const runner = new ScheduleRunner(plateau);
    runner.next({ loss: 1 });
    const before = JSON.stringify(runner);
    runner.next({ loss: 500 });
    runner.undo();
    expect(JSON.stringify(runner)).toBe(before);
    expect(() => runner.undo()).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("refuses a step without a loss, and one with two.", () => {
    const runner = new ScheduleRunner(plateau);
    expect(() => runner.next()).toThrow("Expected a `loss` either in `next` or by `accumulate`, got none.");
    runner.accumulate(1);
    expect(() => runner.next({ loss: 1 })).toThrow("got both");
  });

  it("says what the coming step needs, and is unchanged by a step that fails for want of it.", () => {
    const runner = new ScheduleRunner(hypergradientDescent({ baseRate: 1 }));
    const before = checksum(runner);
    expect(runner.wants).toEqual(["gradientDotPreviousDirection"]);
    expect(() => runner.next({ loss: 1 })).toThrow(expect.objectContaining({ code: "MISSING_OBSERVATION" }));
    expect(checksum(runner)).toBe(before);
  });

  it("refuses a rate that is no rate, whatever schedule it comes from.", () => {
    const broken = { init: () => 0, next: () => ({ learningRate: Number.NaN, state: 0 }) };
    const message = "Expected the rate at step 0 to be a finite number >= 0, got NaN.";
    expect(() => new ScheduleRunner(broken).next({ loss: 1 })).toThrow(message);
  });

  it("goes on with the same bits after JSON, in the middle of an accumulated step too.", () => {
    const runner = new ScheduleRunner(plateau);
    for (const loss of [1.1, 0.7, 0.9]) runner.next({ loss });
    runner.accumulate(1 / 3);
    const resumed = resumeRunner(plateau, JSON.parse(JSON.stringify(runner)));
    for (const one of [runner, resumed]) one.accumulate(1e9);
    expect(resumed.next()).toEqual(runner.next());
    expect(resumed.next({ loss: 2 })).toEqual(runner.next({ loss: 2 }));
    expect(JSON.stringify(resumed)).toBe(JSON.stringify(runner));
  });

  it("refuses a state of another kind of schedule, and what is no state.", () => {
    const saved = new ScheduleRunner(constant({ baseRate: 1 })).toJSON();
    const load = (json: unknown) => (): unknown => resumeRunner(plateau, json);
    const message = expect.stringMatching(
      /^Expected the whole saved state of `plateau .*`, got that of `constant {"baseRate":1}`: give the same options/,
    );
    expect(load(saved)).toThrow(expect.objectContaining({ code: "STATE_MISMATCH", message }));
    for (const json of [null, 3, "text", [], {}, { kind: "plateau" }, { kind: "plateau", state: {} }])
      expect(load(json)).toThrow(expect.objectContaining({ code: "STATE_MISMATCH" }));
    const half = {
      ...JSON.parse(JSON.stringify(new ScheduleRunner(plateau, { totalSteps: 10 }))),
      accumulated: {},
    };
    expect(load(half)).toThrow(expect.objectContaining({ code: "STATE_MISMATCH" }));
  });

  it("refuses the state of the same schedule with other options, and takes one of a release without them.", () => {
    const saved = JSON.parse(JSON.stringify(new ScheduleRunner(linear({ baseRate: 1 }), { totalSteps: 9 })));
    const load = (baseRate: number, json: unknown) => (): unknown => resumeRunner(linear({ baseRate }), json);
    const message =
      'Expected the whole saved state of `linear {"baseRate":2}`, got that of `linear {"baseRate":1}`: give the same options and file.';
    expect(load(2, saved)).toThrow(expect.objectContaining({ code: "STATE_MISMATCH", message }));
    expect(load(1, saved)).not.toThrow();
    const { identity: _, ...old } = saved;
    expect(load(2, old)).not.toThrow();
    const inner = (steps: number) => warmup(linear({ baseRate: 1 }), { steps });
    const around = JSON.parse(JSON.stringify(new ScheduleRunner(inner(3), { totalSteps: 9 })));
    expect(() => resumeRunner(inner(4), around)).toThrow(/warmup \{"steps":4\} around linear/);
  });

  it("takes defaults that are left out and those that are given for the same options.", () => {
    for (const { name, create, baseRateDefault } of catalogue)
      expect(create(baseRateDefault).identity, name).toBe(create(baseRateDefault, {}).identity);
    expect(cosine({ baseRate: 1, floorFraction: 0 }).identity).toBe(cosine({ baseRate: 1 }).identity);
    expect(cosine({ baseRate: 1, floorFraction: 0.1 }).identity).not.toBe(cosine({ baseRate: 1 }).identity);
    const ways = [
      { steps: 3, startFraction: 0 },
      { startFraction: 0, steps: 3 },
    ];
    const [one, other] = ways.map((way) => warmup(constant({ baseRate: 1 }), way).identity);
    expect(one).toBe(other);
  });

  it("refuses the state of another schedule file, whose cell is the same.", async () => {
    const [standard, anytime] = await Promise.all([MlrSnet.load("zoo:default"), MlrSnet.load("zoo:anytime")]);
    const runner = new ScheduleRunner(standard.schedule(), { totalSteps: 10, usualRate: 0.1 });
    runner.next({ loss: 2 });
    const saved = JSON.parse(JSON.stringify(runner));
    const mismatch = expect.objectContaining({ code: "STATE_MISMATCH" });
    expect(() => resumeRunner(anytime.schedule(), saved)).toThrow(mismatch);
    expect(resumeRunner(standard.schedule(), saved).next({ loss: 2 })).toEqual(runner.next({ loss: 2 }));
    // And where the caller keeps the state.
    expect(() => anytime.schedule().next(saved.state, { step: 1, loss: 2 })).toThrow(mismatch);
  });

  it("scales the rate for parameter groups, once there is one.", () => {
    const runner = new ScheduleRunner(constant({ baseRate: 0.5 }));
    expect(() => ratesFor(runner.learningRate!, { head: 1 })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
    const { learningRate } = runner.next({ loss: 1 });
    expect(ratesFor(learningRate, { backbone: 0.1, head: 1 })).toEqual({ backbone: 0.05, head: 0.5 });
    expect(() => ratesFor(learningRate, { head: -1 })).toThrow(
      "Expected `head` to be a number >= 0, got -1.",
    );
  });
});

describe("checksum", () => {
  it("is FNV-1a over the JSON text.", () => {
    // Published value of FNV-1a 32 for the byte "1" is 0x340ca71c.
    expect(checksum(1)).toBe("340ca71c");
  });

  it("differs where the last bit of a number differs.", () => {
    expect(checksum({ rate: 0.1 })).not.toBe(checksum({ rate: 0.1 + 2 ** -56 }));
  });
});
