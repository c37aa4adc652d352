import { describe, expect, it } from "vitest";
import type { CellConfig } from "./config.ts";
import { initialiseParameters } from "./initialise.ts";
import { learnedSchedule } from "./learned-schedule.ts";
import { MetaLearner, type MetaLearnerState } from "./meta-learner.ts";
import { presets } from "./presets.ts";

describe("MetaLearner of the integrating form", () => {
  const transfer: CellConfig = { ...presets.transfer, hidden: 4 };
  const options = { cell: transfer, totalSteps: 20 };
  const theta = initialiseParameters(transfer, 5).map((value) => 2 * value);

  it("gives the gradient that finite differences of the proposed rate give, in the middle of a run", () => {
    const learner = new MetaLearner(options, theta);
    for (const loss of [2.3, 2.2, 2.4]) learner.commit(loss);
    const { state } = learner;
    learner.propose(1.9);
    const gradient = learner.learn(1.7); // dL_val/dθ = -<∇L_val, d> dα/dθ
    for (const k of [0, 40, 130, theta.length - 1]) {
      const rateAt = (shift: number): number => {
        const moved = theta.slice();
        moved[k]! += shift;
        return new MetaLearner(options, { ...state, theta: [...moved] }).propose(1.9);
      };
      expect(gradient[k]).toBeCloseTo((-1.7 * (rateAt(1e-5) - rateAt(-1e-5))) / 2e-5, 9);
    }
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-5);
  });

  it("proposes and commits the rates of the schedule that its θ makes", () => {
    const learner = new MetaLearner(options, theta);
    const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas: [theta] };
    const schedule = learnedSchedule({ cell: transfer, snapshots, provenance: {} });
    let state = schedule.init(options);
    for (const [step, loss] of [2.3, 0, 2.9, 1.2].entries()) {
      const decision = schedule.next(state, { step, loss });
      state = decision.state;
      expect(learner.propose(loss)).toBeCloseTo(decision.learningRate, 13);
      expect(learner.commit(loss)).toBe(decision.learningRate);
    }
    expect(learner.state.history).toEqual(state.history);
  });

  it("has no gradient where the ceiling holds the rate", () => {
    const held: CellConfig["output"] = {
      form: "integrating",
      step: 0.2,
      start: 10,
      floor: 1e-7,
      ceiling: 10,
    };
    const up = theta.slice().fill(1, -1);
    const learner = new MetaLearner({ ...options, cell: { ...transfer, output: held } }, up);
    expect(learner.propose(2)).toBeCloseTo(10, 12);
    expect(learner.learn(1).every((slope) => slope === 0)).toBe(true);
  });

  it("goes on bit for bit from a state that went through JSON, and starts another run from the start", () => {
    const learner = new MetaLearner(options, theta);
    run(learner, 0, 7);
    const saved = JSON.stringify(learner.state);
    const expected = run(learner, 7, 20);
    expect(run(new MetaLearner(options, JSON.parse(saved) as MetaLearnerState), 7, 20)).toEqual(expected);
    learner.startRun();
    const { theta: learned } = learner;
    expect(learner.commit(2)).toBe(new MetaLearner(options, learned).commit(2));
  });

  it("says what is missing: the horizon, a gradient, a history", () => {
    expect(() => new MetaLearner({ cell: transfer }, theta)).toThrow(
      "Expected `totalSteps` in the run's context",
    );
    const reads: CellConfig = { ...transfer, inputs: ["gradient-norm"] };
    const learner = new MetaLearner({ ...options, cell: reads }, initialiseParameters(reads, 1));
    expect(() => learner.propose(1)).toThrow(expect.objectContaining({ code: "MISSING_OBSERVATION" }));
    expect(learner.commit(1, { gradientNorm: 2 })).toBeGreaterThan(0);
    const { history, ...state } = new MetaLearner(options, theta).state;
    const { noise: _, ...older } = history!;
    for (const saved of [state, { ...state, history: older }] as MetaLearnerState[])
      expect(() => new MetaLearner(options, saved)).toThrow(
        expect.objectContaining({
          code: "STATE_MISMATCH",
          message: expect.stringContaining("no whole history"),
        }),
      );
  });
});

/** Steps `from` to `to`, an update at every third; returns the learning rates. */
function run(learner: MetaLearner, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => {
    const step = from + index;
    const loss = 2 + Math.sin(step);
    if (step % 3 === 0) {
      learner.propose(loss);
      learner.learn(Math.cos(step));
    }
    return learner.commit(loss);
  });
}
