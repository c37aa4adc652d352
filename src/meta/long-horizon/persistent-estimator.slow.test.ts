import { beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../engine/index.ts";
import { presets } from "../../schedules/index.ts";
import { initialiseParameters } from "../../schedules/internal.ts";
import { dataOf, distributionAt, drawTask } from "../tasks/task-distribution.ts";
import { addProgress, runOf, TaskRuns } from "../tasks/task-runs.ts";
import { antithetic, drawPerturbations, estimateGradient } from "./evolution-strategy.ts";
import { shape, valuesOf } from "./objective.ts";
import { type LongHorizonOptions, longHorizonDefaults } from "./options.ts";
import { PersistentEstimator } from "./persistent-estimator.ts";

const options: LongHorizonOptions = {
  ...longHorizonDefaults,
  shaping: "ranks",
  cell: presets.transfer,
  seed: 5,
  estimator: "pes",
  pairs: 2,
  distribution: { shortest: 10, longest: 10 },
};
const theta = initialiseParameters(options.cell, 1);
/** The first run of slot 0. */
const task = drawTask(options.seed, ["slot", 0, 0], options.distribution);

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ threads: 1, planFolder: null, arena: false });
});

describe("PersistentEstimator", () => {
  it("gives the estimate of evolution strategies where a window holds the whole run.", async () => {
    const estimator = new PersistentEstimator(engine, { ...options, window: 10 });
    const { gradient, value, ended } = await estimator.estimate({ generation: 0, index: 0, theta });
    const runs = new TaskRuns(engine, options.cell);
    const epsilons = drawPerturbations(options.seed, [0, 0], 2, theta.length);
    const values = valuesOf(await runs.run(task, antithetic(theta, options.sigma, epsilons)));
    const expected = estimateGradient(shape(values, options.shaping, options.clip), epsilons, options.sigma);
    expect(ended).toBe(4);
    expect(value).toBeCloseTo(values.reduce((a, b) => a + b) / 4, 10);
    for (const [k, slope] of expected.entries()) expect(gradient[k]).toBeCloseTo(slope, 4);
    // The next job of the slot begins another run.
    const begun = { draw: 1, drawnAt: 1, logInitial: 0, step: null, counts: [], guards: [] };
    expect(estimator.save()[0]!.data).toEqual(begun);
    await estimator.release();
    await runs.release();
  });

  it("goes on with the run from window to window, and is worth its end and the way in the last one.", async () => {
    // Perturbations so small that all members are the same run.
    const estimator = new PersistentEstimator(engine, { ...options, sigma: 1e-12, window: 4 });
    const estimates = [];
    for (const generation of [0, 1, 2])
      estimates.push(await estimator.estimate({ generation, index: 0, theta }));
    expect(estimates.map(({ value, ended }) => [value === null, ended])).toEqual([
      [true, 0],
      [true, 0],
      [false, 4],
    ]);
    const runs = new TaskRuns(engine, options.cell);
    const population = await runs.population(task, 4);
    const { train, validation } = dataOf(task);
    population.start({ ...runOf(task), train }, [theta, theta, theta, theta]);
    const sums = new Float64Array(4);
    let initialLoss = 0;
    for (let step = 0; step < 10; step++) {
      await population.step();
      if (step === 0) initialLoss = population.losses[0]!;
      if (step >= 8) addProgress(sums, population.losses, Math.log(initialLoss));
    }
    const { losses, correct } = await population.evaluate(validation);
    const progress = [...sums].map((sum) => sum / 10);
    const outcome = { losses: [...losses], correct: [...correct], progress, initialLoss, predicts: true };
    expect(estimates[2]!.value).toBeCloseTo(valuesOf(outcome)[0]!, 6);
    await estimator.release();
    await runs.release();
  });

  it("weighs a window by the sum of all perturbations since the run began.", async () => {
    const estimator = new PersistentEstimator(engine, { ...options, pairs: 1, window: 4 });
    await estimator.estimate({ generation: 0, index: 0, theta });
    const { gradient } = await estimator.estimate({ generation: 1, index: 0, theta });
    const [first, second] = [0, 1].map((generation) =>
      drawPerturbations(options.seed, [generation, 0], 1, theta.length),
    ) as [Float64Array[], Float64Array[]];
    // With one pair and ranks, the weights are -1/2 and 1/2: the gradient is ± ξ / (2 σ).
    const sign = Math.sign(gradient[0]! / (first[0]![0]! + second[0]![0]!));
    for (const [k, slope] of gradient.entries()) {
      const sum = first[0]![k]! + second[0]![k]!;
      expect(slope).toBeCloseTo((sign * sum) / (2 * options.sigma), 4);
    }
    await estimator.release();
  });

  it("goes on from what was saved to the same estimates, bit for bit.", async () => {
    const [whole, resumed] = [0, 1].map(() => new PersistentEstimator(engine, { ...options, window: 4 }));
    await whole!.estimate({ generation: 0, index: 3, theta });
    resumed!.restore(structuredClone(whole!.save()));
    for (const generation of [1, 2, 3]) {
      const job = { generation, index: 3, theta };
      expect(await resumed!.estimate(job)).toEqual(await whole!.estimate(job));
    }
    await whole!.release();
    await resumed!.release();
  });

  it("lets the longest T grow with the generation in which a run is drawn, as whole runs do.", async () => {
    const distribution = { shortest: 100, longest: 400, growth: 10 };
    const growing = { ...options, pairs: 1, window: 400, distribution };
    const estimator = new PersistentEstimator(engine, growing);
    const stepsOf = ({ task }: { task: string }): number => Number(task.split(" ").at(-1));
    // All of it in one window: each generation draws a run, the first of exactly 100 steps.
    const first = await estimator.estimate({ generation: 0, index: 0, theta });
    expect(stepsOf(first)).toBe(100);
    for (const generation of [1, 2]) {
      const estimate = await estimator.estimate({ generation, index: 0, theta });
      const drawn = drawTask(options.seed, ["slot", 0, generation], distributionAt(distribution, generation));
      expect(stepsOf(estimate)).toBe(drawn.steps);
      expect(drawn.steps).toBeLessThanOrEqual(100 * 4 ** (generation / 10) + 1);
    }
    await estimator.release();
  });

  it("keeps the T of a run that goes on while the longest grows, over a checkpoint too.", async () => {
    const distribution = { shortest: 100, longest: 400, growth: 3 };
    const growing = { ...options, pairs: 1, window: 40, distribution };
    const [whole, resumed] = [0, 1].map(() => new PersistentEstimator(engine, growing));
    const tasks = [];
    for (const generation of [0, 1, 2, 3]) {
      const job = { generation, index: 1, theta };
      const estimate = await whole!.estimate(job);
      tasks.push(estimate.task);
      if (generation > 1) expect(await resumed!.estimate(job)).toEqual(estimate);
      else resumed!.restore(structuredClone(whole!.save()));
    }
    expect(new Set(tasks.slice(0, 3)).size).toBe(1);
    expect(tasks[3]).not.toBe(tasks[0]);
    await whole!.release();
    await resumed!.release();
  });
});
