import { beforeAll, describe, expect, it } from "vitest";
import { withoutBackOff } from "../../test/without-back-off.ts";
import { Engine } from "../engine/index.ts";
import { input } from "../graph/index.ts";
import { Random } from "../random.ts";
import { type CellConfig, inputNames, learnedSchedule, presets } from "../schedules/index.ts";
import { initialiseParameters } from "../schedules/writer.ts";
import { cellStep, checkGraphCell } from "./cell-graph.ts";
import { allocateCell, arrangeTheta, clearCell, writeTime } from "./cell-memory.ts";

// What happens outside the graph, going back, is the population's; its test has it.
const plain: CellConfig = { ...withoutBackOff(presets.transfer), hidden: 5 };
const lossInputs = inputNames.filter((name) => !/gradient|classes/.test(name));
const cells: Record<string, CellConfig> = {
  "the preset transfer": withoutBackOff(presets.transfer),
  "the preset transfer-anytime": withoutBackOff(presets["transfer-anytime"]),
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

/** Losses as of training: they fall, they are noisy, one member's surge. */
function lossesAt(step: number, random: Random): number[] {
  return Array.from({ length: members }, (_, member) => {
    const surge = member === 1 && step > 40 && step < 46 ? 30 : 1;
    return 2.3 * Math.exp(-step / 40 + 0.3 * random.normal()) * surge + 1e-4;
  });
}

describe("cellStep", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.create({ planFolder: null, threads: 1 });
  });

  it.each(Object.entries(cells))(
    "gives the rates of the plain schedule over 100 steps: %s.",
    async (_name, cell) => {
      const { rates, next } = cellStep(cell, input("losses", [members]));
      const program = await engine.compile({
        rates,
        ...Object.fromEntries(Object.entries(next).map(([name, value]) => [`next.${name}`, value])),
      });
      const memory = allocateCell(cell, members);
      const after = allocateCell(cell, members).state;
      const losses = new Float32Array(members);
      const answer = new Float32Array(members);
      const bound = program.bind(
        { losses, "k.time": memory.time, ...memory.theta, ...memory.state },
        {
          rates: answer,
          ...Object.fromEntries(Object.entries(after).map(([name, array]) => [`next.${name}`, array])),
        },
      );
      const thetas = Array.from({ length: members }, (_, member) =>
        initialiseParameters(cell, member).map((value) => 1.5 * value),
      );
      for (const [member, theta] of thetas.entries()) arrangeTheta(cell, theta, member, memory);
      const options = cell.output === "sigmoid" ? { gamma } : {};
      const schedules = thetas.map((theta) =>
        learnedSchedule(
          { cell, snapshots: { switchRule: "fractions", fractions: [0], thetas: [theta] }, provenance: {} },
          options,
        ),
      );
      let states = schedules.map((schedule) => schedule.init({ totalSteps, usualRate }));
      clearCell(memory);
      const random = new Random(4, "losses");
      for (let step = 0; step < totalSteps; step++) {
        losses.set(lossesAt(step, random));
        writeTime(cell, memory, step, { totalSteps, gamma, usualRate });
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

  it("refuses cells that have no form in the graph", () => {
    expect(() => checkGraphCell(presets["meta-test"])).toThrow("one plain LSTM layer that reads losses");
    expect(() => checkGraphCell({ ...plain, inputs: ["gradient-norm"] })).toThrow("reading gradient-norm");
  });
});
