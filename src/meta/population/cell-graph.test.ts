import { beforeAll, describe, expect, it } from "vitest";
import { Engine, type Program } from "../../engine/index.ts";
import { input } from "../../graph/index.ts";
import { Random } from "../../random.ts";
import { type CellConfig, learnedSchedule, presets } from "../../schedules/index.ts";
import { initialiseParameters, inputNames } from "../../schedules/internal.ts";
import { cellStep, checkGraphCell } from "./cell-graph.ts";
import { allocateCell, arrangeTheta, clearCell, placeInHistory, writeTime } from "./cell-memory.ts";

// What happens outside the graph, the guard, is the population's; its test has it.
const plain: CellConfig = { ...presets.transfer, hidden: 5 };
const lossInputs = inputNames.filter((name) => !/gradient|classes/.test(name));
const cells: Record<string, CellConfig> = {
  "the preset transfer": presets.transfer,
  "the preset transfer-anytime": presets["transfer-anytime"],
  "every input that reads losses": { ...plain, inputs: lossInputs },
  "the sigmoid form": { ...plain, output: "sigmoid" },
  "the third power": {
    ...plain,
    output: { form: "integrating", step: 0.3, start: 0.01, floor: 1e-3, ceiling: 1, power: 3, settle: 20 },
  },
  "a steady step, no annealing, gates in another order": {
    ...plain,
    output: { form: "integrating", step: 0.05, start: 0.01, floor: 1e-6, ceiling: 100 },
    gateOrder: ["output", "candidate", "forget", "input"],
    forgetShift: -1,
  },
};
const members = 3;
const totalSteps = 100;
const gamma = 0.7;
const usualRate = 0.02;

/** Losses as of training: they fall, they are noisy, one member's spike. */
function lossesAt(step: number, random: Random): number[] {
  return Array.from({ length: members }, (_, member) => {
    const spike = member === 1 && step > 40 && step < 46 ? 30 : 1;
    return 2.3 * Math.exp(-step / 40 + 0.3 * random.normal()) * spike + 1e-4;
  });
}

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

/** Schedules that differ, and heed what they read. */
function thetasOf(cell: CellConfig): Float64Array[] {
  return Array.from({ length: members }, (_, member) =>
    initialiseParameters(cell, member).map((value) => 1.5 * value),
  );
}

/** The cell as a program of its own, bound to a memory: what it reads, what it answers, and its memory after a step. */
async function bindCell(cell: CellConfig) {
  const { rates, next } = cellStep(cell, input("losses", [members]));
  const nextNamed = <T>(values: Record<keyof typeof next, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`next.${name}`, value as T]));
  const program: Program = await engine.compile({ rates, ...nextNamed(next) });
  const memory = allocateCell(cell, members);
  const after = allocateCell(cell, members).state;
  const losses = new Float32Array(members);
  const answer = new Float32Array(members);
  const bound = program.bind(
    { losses, "k.time": memory.time, "k.own": memory.own, ...memory.theta, ...memory.state },
    { rates: answer, ...nextNamed(after) },
  );
  for (const [member, theta] of thetasOf(cell).entries()) arrangeTheta(cell, theta, member, memory);
  clearCell(memory);
  return { program, bound, memory, after, losses, answer };
}

describe("cellStep", () => {
  it.each(Object.entries(cells))(
    "gives the rates of the plain schedule over 100 steps: %s.",
    async (_name, cell) => {
      const { program, bound, memory, after, losses, answer } = await bindCell(cell);
      const options = cell.output === "sigmoid" ? { gamma } : {};
      const schedules = thetasOf(cell).map((theta) =>
        learnedSchedule(
          { cell, snapshots: { switchRule: "fractions", fractions: [0], thetas: [theta] }, provenance: {} },
          options,
        ),
      );
      let states = schedules.map((schedule) => schedule.init({ totalSteps, usualRate }));
      const random = new Random(4, "losses");
      for (let step = 0; step < totalSteps; step++) {
        losses.set(lossesAt(step, random));
        writeTime(cell, memory, step, { totalSteps, gamma, usualRate });
        memory.own.set(Array.from({ length: members }, () => [1, step === 0 ? 1 : 0]).flat());
        await bound.run();
        const decisions = schedules.map((schedule, member) =>
          schedule.next(states[member]!, { step, loss: losses[member]! }),
        );
        states = decisions.map(({ state }) => state);
        for (const [member, { learningRate }] of decisions.entries())
          expect(Math.abs(answer[member]! / learningRate - 1)).toBeLessThan(2e-4);
        for (const name of ["k.h", "k.c", "k.history"] as const) memory.state[name].set(after[name]);
      }
      const first = memory.state["k.h"].filter((_, index) => index % cell.hidden === 0);
      expect(new Set(first).size).toBe(members);
      await program.release();
    },
  );

  it("multiplies the rate of each member by its own factor, and nothing else by it.", async () => {
    const { program, bound, memory, after, losses, answer } = await bindCell(plain);
    losses.set([2.3, 1.9, 2.5]);
    writeTime(plain, memory, 0, { totalSteps, usualRate });
    const answersFor = async (factors: readonly number[]) => {
      memory.own.set(factors.flatMap((factor) => [factor, 1]));
      await bound.run();
      return { rates: [...answer], after: structuredClone(after) };
    };
    const whole = await answersFor([1, 1, 1]);
    const cut = await answersFor([1, 1 / 4, 0]);
    // Powers of two, which change no other bit.
    expect(cut.rates).toEqual([whole.rates[0], whole.rates[1]! / 4, 0]);
    expect(cut.after).toEqual(whole.after);
    await program.release();
  });

  it("takes the loss of a member's first step, whichever that is, as its L_0.", async () => {
    const { program, bound, memory, after, losses } = await bindCell(plain);
    losses.set([2, 3, 4]);
    writeTime(plain, memory, 5, { totalSteps, usualRate });
    memory.own.set([1, 1, 1, 0, 1, 1]);
    await bound.run();
    const logs = [0, 1, 2].map((member) => after["k.history"][placeInHistory(member, "logInitialLoss")]!);
    for (const [member, expected] of [Math.log(2), 0, Math.log(4)].entries())
      expect(logs[member]).toBeCloseTo(expected, 6);
    await program.release();
  });

  it("refuses cells that have no form in the graph", () => {
    expect(() => checkGraphCell(presets["meta-test"])).toThrow("one plain LSTM layer that reads losses");
    expect(() => checkGraphCell({ ...plain, inputs: ["gradient-norm"] })).toThrow("reading gradient-norm");
  });
});
