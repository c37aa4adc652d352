import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { divergenceGuard, MlrSnet, reduceOnPlateau, resumeRunner, type Schedule } from "../src/index.ts";
import states from "./fixtures/schedules.json" with { type: "json" };

const read = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}.safetensors`, import.meta.url));
const learned = (name: string) => async (): Promise<Schedule<unknown>> =>
  (await MlrSnet.load(read(name))).schedule() as Schedule<unknown>;
const plateau = reduceOnPlateau({ baseRate: 1, every: { steps: 4 }, patience: 1 });

/** The schedules that the states were saved of, made as `fixtures/schedules.mjs` makes them. */
const schedules: Record<string, () => Promise<Schedule<unknown>>> = {
  "hand-made": async () =>
    reduceOnPlateau({ baseRate: 1, every: { steps: 2 }, patience: 0, factor: 0.5 }) as Schedule<unknown>,
  paper: learned("paper"),
  "plain-lstm": learned("plain-lstm"),
  integrating: learned("integrating"),
  guarded: async () => divergenceGuard(plateau) as Schedule<unknown>,
};

describe("what an earlier release has saved", () => {
  it.each(["paper", "plain-lstm", "integrating"])("as a schedule file, %s, is read", async (name) => {
    const { cell, snapshots, provenance } = await MlrSnet.load(read(name));
    expect(provenance).toEqual({ fixture: name });
    expect(snapshots).toMatchObject({ switchRule: "fractions", fractions: [0, 0.5] });
    expect([cell.hidden, cell.middle]).toEqual([2, name === "paper" ? 2 : 0]);
    expect(cell.output === "sigmoid").toBe(name !== "integrating");
  });

  it("has a state of every kind", () => {
    expect(states.map(({ name }) => name)).toEqual(Object.keys(schedules));
  });

  // exp and tanh may differ in the last bit from one runtime to the other.
  it.each(states)(
    "as the state of a runner, $name, is read and goes on with the same rates",
    async (state) => {
      const { name, saved, losses, rates } = state;
      const ways = { snapshot: () => null, rollback: () => {} };
      const canRollBack = "canRollBack" in saved && saved.canRollBack;
      const runner = resumeRunner(await schedules[name]!(), saved, canRollBack ? ways : undefined);
      for (const [k, loss] of losses.entries()) {
        const { learningRate } = runner.next({ loss, ...(k === 0 && { trainingSetLoss: 1.5 }) });
        expect(Math.abs(learningRate - rates[k]!), `step ${12 + k}`).toBeLessThanOrEqual(
          1e-6 * rates[k]! + 1e-12,
        );
      }
    },
  );
});
