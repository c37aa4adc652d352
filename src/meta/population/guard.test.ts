import { describe, expect, it } from "vitest";
import { layOut } from "../../nn/index.ts";
import { Random } from "../../random.ts";
import { constant, divergenceGuard, presets } from "../../schedules/index.ts";
import { learnedLimits } from "../../schedules/internal.ts";
import { allocateCell } from "./cell-memory.ts";
import { type MemberCount, PopulationGuard } from "./guard.ts";
import { allocateSide, arraysOf, copyMember } from "./side.ts";

const cell = { ...presets.transfer, hidden: 2 };
const usualRate = 0.1;
const totalSteps = 900;
const random = new Random(6, "losses");
const noise = Array.from({ length: totalSteps }, () => 0.05 * random.normal());

/** Losses of 900 steps, one list for each member: what happens to a run, and what the guard does about it. */
const runs: Record<string, (step: number) => number> = {
  healthy: (step) => 2.3 * Math.exp(-step / 200) + noise[step]!,
  "not finite, alone and in a row": (step) =>
    step === 50 || (step >= 150 && step < 156) || (step >= 160 && step < 166) ? Number.NaN : 2 + noise[step]!,
  "lost what it had learned, for long": (step) =>
    (step < 130 ? 2.3 * Math.exp(-step / 40) : 2.6) + noise[step]!,
};
const members = Object.keys(runs).length;

function allocate() {
  const none = layOut([]);
  const layouts = { w: layOut([{ name: "w", shape: [members, 3] }]), o: none, s: none, c: none };
  const side = () => allocateSide(layouts, allocateCell(cell, members).state);
  const guard = new PopulationGuard(cell, layouts, members, [side(), side()]);
  return { layouts, guard, before: side(), after: side() };
}

describe("PopulationGuard", () => {
  it("does to each member what `divergenceGuard` does to a run of its own: cuts, skips and both ways back, with the weights and their count.", () => {
    const { layouts, guard, before, after } = allocate();
    const acts: Record<string, Set<string>> = {};
    const schedule = divergenceGuard(constant({ baseRate: usualRate }), {
      restore: true,
      ...learnedLimits(cell),
    });
    const own = Object.entries(runs).map(([name, lossAt]) => ({
      name,
      lossAt,
      state: schedule.init({ totalSteps, usualRate }),
      /** One weight, from which each update takes its rate, and the copies of it, the newest first. */
      weight: 1,
      updates: 0,
      copies: [] as { weight: number; updates: number }[],
    }));
    const { offset, length } = layouts.w.entries[0]!;
    before.weights.fill(1, offset, offset + length);
    let counts = own.map((): MemberCount => ({ updates: 0, isFresh: true }));
    for (let step = 0; step < totalSteps; step++) {
      const losses = Float32Array.from(own, ({ lossAt }) => lossAt(step));
      const rates = Float32Array.from(own, (_, member) => usualRate * guard.factorOf(member));
      for (const [member] of own.entries()) {
        copyMember(layouts, before, after, member, members);
        for (let k = 0; k < 3; k++) after.weights[offset + 3 * member + k]! -= rates[member]!;
      }
      const seen = { step, totalSteps, usualRate, losses, rates };
      counts = counts.map((count, member) => guard.judge(member, before, after, count, seen));
      for (const [member, run] of own.entries()) {
        const decision = schedule.next(run.state, { step, loss: losses[member]! });
        const { learningRate, action, older, events = [] } = decision;
        run.state = decision.state;
        if (action === "snapshot")
          run.copies = [{ weight: run.weight, updates: run.updates }, ...run.copies.slice(0, 1)];
        if (action === "rollback") {
          if (older) run.copies.shift();
          Object.assign(run, run.copies[0]);
        } else if (action !== "skip") {
          run.weight -= learningRate;
          run.updates++;
        }
        acts[run.name] ??= new Set();
        for (const { kind } of events) acts[run.name]!.add(older ? "older" : kind);
        const where = `${run.name}, step ${step}`;
        expect(rates[member]! / usualRate, where).toBeCloseTo(learningRate / usualRate, 6);
        expect(counts[member]!.updates, where).toBe(run.updates);
        for (let k = 0; k < 3; k++)
          expect(Math.abs(after.weights[offset + 3 * member + k]! - run.weight), where).toBeLessThan(1e-3);
      }
      for (const [name, array] of Object.entries(arraysOf(after))) arraysOf(before)[name]!.set(array);
    }
    expect(Object.values(acts).map((kinds) => [...kinds].sort())).toEqual([
      [],
      ["older", "rollback", "skip"],
      expect.arrayContaining(["cut"]),
    ]);
  });
});
