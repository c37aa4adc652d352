import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../engine/index.ts";
import { parameterCount, presets, type Schedule } from "../../schedules/index.ts";
import { guardedSchedule } from "../../schedules/internal.ts";
import { loadTask, splitsOf, TrainingRun } from "../../training/index.ts";
import { findTask } from "../../training/internal.ts";
import { createSmallEngine } from "./estimator-worker.ts";
import { valuesOf } from "./objective.ts";
import { SingleTaskRuns } from "./single-task-runs.ts";

const cell = presets.transfer;
const reference = { reference: "mnist1d/logistic", steps: 40 };

/** θ of a readout that is this bias alone: positive, a rate that rises; negative, one that falls. */
function biased(bias: number): Float64Array {
  const theta = new Float64Array(parameterCount(cell));
  theta[theta.length - 1] = bias;
  return theta;
}

let engine: Engine;
beforeAll(async () => {
  engine = await createSmallEngine();
});

describe("SingleTaskRuns", () => {
  it("gives what a training run gives, for each candidate, on validation data.", async () => {
    const thetas = [biased(0.5), biased(-0.5)];
    // The largest remainder: all of T.
    const outcome = await new SingleTaskRuns(engine, cell, reference).run({ seed: 1008 }, thetas);
    const task = await findTask(reference.reference).load();
    for (const [candidate, theta] of thetas.entries()) {
      const snapshots = { switchRule: "fractions", fractions: [0], thetas: [theta] } as const;
      const schedule = guardedSchedule({ cell, snapshots, provenance: {} }) as Schedule<unknown>;
      const run = new TrainingRun({ task, data: splitsOf(task), schedule, engine, seed: 1008, steps: 40 });
      const logs: number[] = [];
      let initial = 0;
      for await (const { step, loss, validation } of run.records()) {
        if (step === 0) initial = loss;
        logs.push(Math.log(loss / initial));
        if (!validation) continue;
        expect(step).toBe(39);
        expect(outcome.losses[candidate]! / validation.loss).toBeCloseTo(1, 4);
        expect(outcome.correct[candidate]).toBeCloseTo(validation.accuracy!, 2);
      }
      await run.release();
      expect(outcome.initialLoss).toBeCloseTo(initial, 5);
      expect(outcome.progress[candidate]).toBeCloseTo(logs.reduce((a, b) => a + b, 0) / 40, 4);
    }
    const [rising, falling] = valuesOf(outcome) as [number, number];
    expect(rising).toBeLessThan(falling);
  });

  it("gives the same bits again, whatever ran before, and other runs for another seed.", async () => {
    const runs = new SingleTaskRuns(engine, cell, reference);
    const theta = biased(0.2);
    const other = biased(-1);
    const first = await runs.run({ seed: 5 }, [theta, other]);
    const second = await runs.run({ seed: 6 }, [theta, other]);
    expect(second.losses).not.toEqual(first.losses);
    expect(second.initialLoss).not.toBe(first.initialLoss);
    const exchanged = await runs.run({ seed: 5 }, [other, theta]);
    for (const name of ["losses", "correct", "progress"] as const)
      expect(exchanged[name].toReversed()).toEqual(first[name]);
    expect(await new SingleTaskRuns(engine, cell, reference).run({ seed: 5 }, [theta, other])).toEqual(first);
  });

  it("trains in groups what would not fit into memory at once, each candidate as beside the others.", async () => {
    const thetas = [0.5, -0.5, 0.1].map(biased);
    // The logistic regression's graph holds some 5,400 numbers a candidate: two at once.
    const runs = new SingleTaskRuns(engine, cell, reference, 12_000);
    const together = await runs.run({ seed: 1008 }, thetas);
    const last = await new SingleTaskRuns(engine, cell, reference).run({ seed: 1008 }, [thetas[2]!]);
    expect(together.losses).toHaveLength(3);
    expect(new Set(together.losses).size).toBe(3);
    expect(together.losses[2]! / last.losses[0]!).toBeCloseTo(1, 4);
  });

  it("judges a regression by its loss alone.", async () => {
    const regression = { reference: "./examples/regression-task.mjs", steps: 60 };
    const outcome = await new SingleTaskRuns(engine, cell, regression).run({ seed: 1008 }, [
      biased(0.5),
      biased(-0.5),
    ]);
    expect(outcome).toMatchObject({ predicts: false, correct: [0, 0] });
    const end = (member: number) => Math.log(outcome.losses[member]! / outcome.initialLoss);
    const value = (member: number) => end(member) + 0.3 * outcome.progress[member]!;
    expect(valuesOf(outcome)).toEqual([expect.closeTo(value(0), 12), expect.closeTo(value(1), 12)]);
    expect(value(0)).not.toBe(value(1));
  });

  it("takes a candidate that has no finite rate for one that diverged, and goes on with the next.", async () => {
    const runs = new SingleTaskRuns(engine, cell, { ...reference, steps: 20 });
    const outcome = await runs.run({ seed: 0 }, [biased(Number.NaN), biased(0)]);
    expect(outcome.losses).toEqual([Number.NaN, expect.any(Number)]);
    expect(valuesOf(outcome)).toEqual([2, expect.any(Number)]);
    expect(valuesOf(outcome)[1]).toBeLessThan(1);
  });

  it("values a candidate that met a loss that is no number, went back and finished as it ended.", async () => {
    const reference = "./test/nan-task.ts";
    const task = await loadTask(reference);
    const [theta, seed, steps] = [biased(-0.5), 1008, 60];
    const snapshots = { switchRule: "fractions", fractions: [0], thetas: [theta] } as const;
    const schedule = guardedSchedule({ cell, snapshots, provenance: {} }) as Schedule<unknown>;
    const run = new TrainingRun({ task, data: splitsOf(task), schedule, engine, seed, steps });
    const losses: number[] = [];
    for await (const { loss } of run.records()) losses.push(loss);
    await run.release();
    expect(run.outcome?.status).toBe("done");
    expect(losses.filter(Number.isNaN).length).toBeGreaterThan(0);

    const runs = new SingleTaskRuns(engine, cell, { reference, steps });
    const outcome = await runs.run({ seed }, [theta, biased(Number.NaN)]);
    const ways = losses.map((loss) => (Number.isNaN(loss) ? 1 : Math.min(1, Math.log(loss / losses[0]!))));
    expect(outcome.progress[0]).toBeCloseTo(ways.reduce((a, b) => a + b, 0) / steps, 4);
    expect(outcome.losses[0]).toBeGreaterThan(0);
    expect(valuesOf(outcome)).toEqual([expect.any(Number), 2]);
    expect(valuesOf(outcome)[0]).toBeLessThan(1);
    // A candidate that has no step at all does not take L_0 from the others.
    expect(outcome.initialLoss).toBeCloseTo(losses[0]!, 5);
  });
});
