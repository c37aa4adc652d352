import { beforeAll, describe, expect, it } from "vitest";
import {
  cell,
  cellFrom,
  createPopulation,
  definitionOf,
  expectNear,
  finish,
  newEngine,
  runOf,
  spec,
  steps,
  test,
  thetas,
  thetasOf,
  wholeRun,
  zeros,
} from "../../../test/population-runs.ts";
import { subset } from "../../data/index.ts";
import type { Engine } from "../../engine/index.ts";
import type { NetworkSpec } from "../../models/index.ts";
import { presets } from "../../schedules/index.ts";
import { Population } from "./population.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await newEngine();
});

describe("Population", () => {
  it.each([
    { cut: 7, start: 0.03, what: "quiet members" },
    { cut: 8, start: 0.03, what: "quiet members" },
    { cut: 7, start: 250, what: "members that skip steps and go back" },
    { cut: 8, start: 250, what: "members that skip steps and go back" },
  ])(
    "goes on from what was saved after $cut steps of $what bit for bit, in another population too.",
    async ({ cut, start }) => {
      const network: NetworkSpec = { ...spec, normalization: "batch" };
      const definition = definitionOf({ optimizer: { kind: "adamw" } }, network);
      const options = { engine, definition, cell: cellFrom(start), members: 3 };
      const [first, second] = [await Population.create(options), await Population.create(options)];
      const run = runOf({ weightDecay: 0.1 });
      first.start(run, thetas);
      let stopped = 0;
      for (let step = 0; step < cut; step++) {
        await first.step();
        stopped += first.rates.filter((rate) => rate === 0).length;
      }
      const saved = first.save();
      const expected = await finish(first);
      const later = expected.rates.flat().filter((rate) => rate === 0).length;
      expect([stopped > 0, later > 0]).toEqual(start > 1 ? [true, true] : [false, false]);
      expect(expected.losses).toHaveLength(steps - cut);
      await wholeRun(first, zeros, { seed: 8 });
      for (const population of [first, second]) {
        population.restore(structuredClone(saved), run, thetas);
        expect(population.stepCount).toBe(cut);
        expect(await finish(population)).toEqual(expected);
        for (const other of [{ weightDecay: 0.2 }, { weightDecay: 0.1, seed: 99 }])
          expect(() => population.restore(saved, runOf(other), thetas)).toThrow(
            expect.objectContaining({ code: "STATE_MISMATCH" }),
          );
      }
      await first.release();
      await second.release();
    },
  );

  it("saves a copy, which later steps leave alone.", async () => {
    const population = await createPopulation(engine);
    population.start(runOf(), thetas);
    const saved = population.save();
    const before = structuredClone(saved);
    await finish(population);
    expect(saved).toEqual(before);
    await population.release();
  });

  it("gives the same bits when it is started again, whatever it ran in between, and others for another seed.", async () => {
    const population = await createPopulation(engine);
    const expected = await wholeRun(population, thetas);
    const other = await wholeRun(population, thetas.toReversed(), {
      seed: 8,
      initialScale: 2,
      momentum: 0.5,
    });
    expect(await wholeRun(population, thetas)).toEqual(expected);
    expect(other.losses[0]).not.toEqual(expected.losses[0]);
    await population.release();
  });

  it("gives the same bits whatever other populations run on its engine, before and in turns.", async () => {
    const alone = await createPopulation(await newEngine());
    const expected = await wholeRun(alone, thetas);
    const network: NetworkSpec = { ...spec, width: 32, normalization: "layer" };
    const definition = definitionOf({ optimizer: { kind: "adamw" }, batchSize: 16 }, network);
    const neighbour = await Population.create({ engine, definition, cell, members: 5 });
    neighbour.start(runOf(), thetasOf(cell, 5));
    for (let step = 0; step < 3; step++) await neighbour.step();
    const population = await createPopulation(engine);
    population.start(runOf(), thetas);
    for (let step = 0; step < 10; step++) {
      await population.step();
      await neighbour.step();
      if (step === 5) await neighbour.evaluate(test);
    }
    const { losses, evaluated } = await finish(population);
    expect(losses).toEqual(expected.losses.slice(10));
    expect(evaluated).toEqual(expected.evaluated.slice(1));
    for (const each of [alone, neighbour, population]) await each.release();
  });

  it("keeps members with equal θ equal bit for bit, beside one that differs.", async () => {
    const population = await createPopulation(engine);
    const [theta, other] = thetas as [Float64Array, Float64Array];
    const { losses, rates, evaluated } = await wholeRun(population, [theta, other, theta]);
    for (const [first, second, third] of [...losses.slice(1), ...rates]) {
      expect(third).toBe(first);
      expect(second).not.toBe(first);
    }
    const [, , last] = evaluated;
    expect(last!.losses[2]).toBe(last!.losses[0]);
    expect(last!.correct[2]).toBe(last!.correct[0]);
    await population.release();
  });

  it.each(["none", "batch", "layer"] as const)(
    "leaves the other members' bits alone where one diverges, normalization %s.",
    async (normalization) => {
      const definition = definitionOf({}, { ...spec, normalization });
      const options = { engine, definition, cell: cellFrom(0.05), members: 3, guarded: false };
      const population = await Population.create(options);
      const decay = { weightDecay: 0.1 };
      const healthy = await wholeRun(population, zeros, decay);
      const broken = await wholeRun(population, zeros, { ...decay, logRates: [0, Math.log(20_000), 0] });
      expect(broken.losses.at(-1)![1]).toBeNaN();
      const [brokenEnd, healthyEnd] = [broken.evaluated.at(-1)!, healthy.evaluated.at(-1)!];
      expect(brokenEnd.losses[1]).toBeNaN();
      const others = ([first, , third]: readonly number[]) => [first, third];
      for (const name of ["losses", "rates"] as const)
        expect(broken[name].map(others)).toEqual(healthy[name].map(others));
      for (const name of ["losses", "correct"] as const)
        expect(others(brokenEnd[name])).toEqual(others(healthyEnd[name]));
      // And the next run is a fresh one for the member that was lost.
      expect(await wholeRun(population, zeros, decay)).toEqual(healthy);
      await population.release();
    },
  );

  it("keeps a rate at its unit · start · exp(u) · (1 - t/T) where θ is zero, with a u for each member.", async () => {
    const population = await createPopulation(engine);
    const { rates } = await wholeRun(population, zeros, { logRates: [0, Math.log(2), -1] });
    for (const [step, [first, second, third]] of rates.entries()) {
      const annealed = 0.05 * Math.cbrt(1000 / steps) * (1 - step / steps);
      expectNear(first!, annealed, `step ${step}`);
      expectNear(second!, 2 * annealed, `step ${step}`);
      expectNear(third!, annealed / Math.E, `step ${step}`);
    }
    await population.release();
  });

  it("multiplies the initial weights by the scale.", async () => {
    const population = await createPopulation(engine);
    population.start(runOf(), thetas);
    const plain = population.save().arrays.weights!;
    population.start(runOf({ initialScale: 0.5 }), thetas);
    expect(population.save().arrays.weights).toEqual(plain.map((value) => 0.5 * value));
    expect(population.parameterCount).toBe(40 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10);
    await population.release();
  });

  it("evaluates any number of examples, each once.", async () => {
    const population = await createPopulation(engine);
    population.start(runOf(), thetas);
    await population.step();
    const parts = [subset(test, [...Array(260).keys()]), subset(test, [260, 261, 262])];
    const [many, few] = [await population.evaluate(parts[0]!), await population.evaluate(parts[1]!)];
    const all = await population.evaluate(subset(test, [...Array(263).keys()]));
    for (const member of [0, 1, 2])
      for (const name of ["losses", "correct"] as const)
        expect(all[name][member]).toBeCloseTo((260 * many[name][member]! + 3 * few[name][member]!) / 263, 6);
    await population.release();
  });

  it("refuses cells without a form in the graph.", async () => {
    await expect(createPopulation(engine, {}, presets["meta-test"])).rejects.toThrow("one plain LSTM layer");
  });
});
