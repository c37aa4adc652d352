import { beforeAll, describe, expect, it } from "vitest";
import {
  batchSize,
  cell,
  cellFrom,
  definitionOf,
  expectNear,
  newEngine,
  runOf,
  test,
  train,
  zeros,
} from "../../../test/population-runs.ts";
import type { Engine } from "../../engine/index.ts";
import { layOut } from "../../nn/index.ts";
import { divergenceGuard, type Schedule } from "../../schedules/index.ts";
import { learnedLimits } from "../../schedules/internal.ts";
import { type OptimizerOptions, TrainingRun, usualRate } from "../../training/index.ts";
import { Population } from "./population.ts";
import { tracePopulation } from "./trace.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await newEngine();
});

describe("a guarded member of a population", () => {
  it.each<{ title: string; optimizer: OptimizerOptions }>([
    { title: "plain gradients", optimizer: { kind: "sgd" } },
    { title: "momentum", optimizer: { kind: "sgd", momentum: 0.9 } },
    { title: "Adam", optimizer: { kind: "adam" } },
  ])(
    "$title: goes back in mid-run, and farther back the next time, with the optimizer as it was then, as a run of its own does.",
    async (row) => {
      const { optimizer } = row;
      const definition = definitionOf({ optimizer });
      const usual = usualRate(optimizer);
      const totalSteps = 135;
      const logRates = [0, 0.5, -0.5];
      // Two updates at an absurd rate, in a run whose rate is usual otherwise.
      const shape = (step: number): number => (step === 105 || step === 115 ? 1e30 : 1);
      const population = await Population.create({ engine, definition, cell: cellFrom(1), members: 3 });
      population.start(runOf({ totalSteps, logRates, shape, usualRate: usual }), zeros);
      const together: { losses: number[]; rates: number[]; weights: Float32Array; updates: number[] }[] = [];
      while (population.stepCount < totalSteps) {
        const { arrays, counts } = population.save();
        await population.step();
        const updates = counts.map((count) => count.updates);
        const { losses, rates } = population;
        together.push({ losses: [...losses], rates: [...rates], weights: arrays.weights!, updates });
      }
      for (const [member, logRate] of logRates.entries()) {
        const byHand: Schedule<null> = {
          init: () => null,
          next: (state, { step }) => ({ learningRate: usual * Math.exp(logRate) * shape(step), state }),
        };
        const data = { train, validation: test, test };
        const plain = { model: definition.model, optimizer, batchSize, steps: totalSteps };
        const alone = new TrainingRun({
          task: { name: "twin", data, ...plain },
          data,
          schedule: divergenceGuard(byHand, { restore: true, ...learnedLimits(cell) }) as Schedule<unknown>,
          engine,
          seed: 7,
        });
        const acts: string[] = [];
        for await (const { step, loss, learningRate, events = [] } of alone.records()) {
          const where = `step ${step}, member ${member}`;
          const { losses, rates } = together[step]!;
          if (Number.isFinite(loss)) expectNear(losses[member]!, loss, `loss, ${where}`);
          else expect(losses[member], `loss, ${where}`).not.toSatisfy(Number.isFinite);
          if (learningRate === 0) expect(rates[member], `rate, ${where}`).toBe(0);
          else expectNear(rates[member]!, learningRate, `rate, ${where}`);
          acts.push(
            ...events.map(({ kind, message }) => `${kind} ${/before (step \d+)/.exec(message)?.[1] ?? step}`),
          );
          const updates = together[step + 1]?.updates[member];
          if (updates !== undefined) expect(updates, where).toBe(alone.learner.save().updates);
        }
        expect(acts).toEqual([
          ...["skip 106", "skip 107", "rollback step 100"],
          ...["skip 116", "skip 117", "rollback step 0"],
        ]);
        await alone.release();
      }
      expect(together[109]!.updates).toEqual([100, 100, 100]);
      expect(together[119]!.updates).toEqual([0, 0, 0]);
      await population.release();
      if (optimizer.kind !== "adam") return;
      // Adam's first direction is ±1 wherever there is a gradient, after going back too: its count is that of updates.
      const { entries } = layOut(tracePopulation(definition, "train", 3, batchSize).parameters);
      const sizeAt = (step: number, member: number): number => {
        const [before, after] = [together[step]!.weights, together[step + 1]!.weights];
        const moved = entries.flatMap(({ offset, length }) => {
          const start = offset + (member * length) / 3;
          return [...after.subarray(start, start + length / 3)].map((w, k) =>
            Math.abs(w - before[start + k]!),
          );
        });
        const trained = moved.filter((size) => size > 0);
        expect(trained.length).toBeGreaterThan(moved.length / 2);
        return trained.reduce((sum, size) => sum + size, 0) / trained.length / together[step]!.rates[member]!;
      };
      for (const member of [0, 1, 2]) {
        for (const step of [0, 119]) expect(sizeAt(step, member), `step ${step}`).toBeCloseTo(1, 2);
        // The count of steps would make it 1.5 times as large as it was ten updates after the beginning.
        expect(Math.abs(sizeAt(129, member) / sizeAt(10, member) - 1)).toBeLessThan(0.1);
      }
    },
  );
});
