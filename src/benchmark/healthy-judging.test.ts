import { describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import type { Decision, Schedule } from "../schedules/index.ts";
import { type Guard, guardOf, judgedGuard } from "./healthy-guards.ts";
import { judgeGuard } from "./healthy-judging.ts";
import { type HealthyManifest, healthyManifest } from "./healthy-manifest.ts";
import { decodeLosses, encodeLosses, recordTraining } from "./healthy-recording.ts";
import { HealthyTasks } from "./healthy-tasks.ts";

/** A guard that does at each step what it is told here, in either naming. */
function scripted(answers: Readonly<Record<number, string | number>>): Guard {
  return guardOf("scripted", (inner) => ({
    init: (context) => inner.init(context),
    next(state, observed) {
      const decision = inner.next(state, observed);
      const answer = answers[observed.step];
      if (typeof answer === "number") return { ...decision, learningRate: answer };
      return answer === undefined
        ? decision
        : { ...decision, action: answer as NonNullable<Decision<unknown>["action"]> };
    },
  }));
}

const quiet = new Float64Array(100).fill(1);
const from = (start: number, end: number, rate: number): Record<number, number> =>
  Object.fromEntries(Array.from({ length: end - start }, (_, index) => [start + index, rate]));

describe("guardOf", () => {
  it("finds no act of a guard that does nothing.", () => {
    const report = guardOf("none", (inner: Schedule<unknown>) => inner).judge(quiet, {});
    expect(report).toEqual({
      ...{ acts: 0, rollbacks: 0, cuts: 0, skips: 0, plantedSkips: 0, oldest: 0, highest: 1 },
    });
  });

  it("counts going back in either naming, and how old the weights are that come back.", () => {
    const report = scripted({ 10: "keep", 30: "restore", 50: "snapshot", 55: "rollback" }).judge(quiet, {});
    expect(report).toMatchObject({ acts: 2, rollbacks: 2, cuts: 0, oldest: 0.2 });
    expect(report.first).toEqual({ step: 30, message: "went back" });
  });

  it("counts skips, those of planted losses apart.", () => {
    const report = scripted({ 3: "skip", 7: "skip", 8: "skip" }).judge(quiet, {}, [7]);
    expect(report).toMatchObject({ acts: 0, skips: 2, plantedSkips: 1 });
  });

  it("takes a cut for an act where it lasts longer than a twentieth of the run, or to its end.", () => {
    expect(scripted(from(20, 25, 0.4)).judge(quiet, {})).toMatchObject({ acts: 0, cuts: 0 });
    expect(scripted(from(20, 26, 0.4)).judge(quiet, {})).toMatchObject({ acts: 1, cuts: 1 });
    expect(scripted(from(20, 100, 0.5)).judge(quiet, {})).toMatchObject({ acts: 0, cuts: 0 });
    expect(scripted({ 99: 0.4 }).judge(quiet, {})).toMatchObject({ acts: 1, cuts: 1 });
  });

  it("takes going back and the cut that comes of it for one act, and says where a rate was raised.", () => {
    const answers = { 20: "rollback", ...from(21, 60, 0.25), 80: 1.19 };
    expect(scripted(answers).judge(quiet, {})).toMatchObject({ acts: 1, rollbacks: 1, cuts: 1 });
    expect(scripted(answers).judge(quiet, {}).highest).toBe(1.19);
  });

  it("reports what a guard throws.", () => {
    const report = judgedGuard().judge(Float64Array.of(Number.NaN, 1), { totalSteps: 2 });
    expect(report.failed).toMatch(/finite/);
  });
});

describe("judgeGuard", () => {
  const { sequences, trainings } = healthyManifest("judge");
  const one = (failure: string) => sequences.filter((sequence) => sequence.failure === failure).slice(0, 1);
  const manifest: HealthyManifest = {
    ...{ part: "judge", hash: "" },
    sequences: ["F3", "F4", "F7", "F11"].flatMap(one),
    trainings: trainings.slice(0, 3).map((training) => ({ ...training, steps: 100 })),
  };
  const record = (index: number, losses: ArrayLike<number>) => ({
    name: trainings[index]!.name,
    ...{ context: { totalSteps: 100 }, status: "done" as const, losses: encodeLosses(losses) },
  });
  const recordings = [record(0, quiet), record(1, quiet.slice(0, 40))];

  it("leaves out trainings that are no healthy ones or not there, and says why.", () => {
    const { excluded, trainings: kept } = judgeGuard(scripted({}), manifest, recordings);
    expect(excluded.map(({ reason }) => reason)).toEqual([
      ...["diverged after 40 of 100 steps", "not recorded"],
    ]);
    expect(kept).toMatchObject({ runs: 1, harmed: 0, share: 0, steps: 100 });
  });

  it("counts one act as harm, but for F3 two, and for F11 one that goes far back or a raised rate.", () => {
    const harmedBy = (answers: Record<number, string | number>) =>
      judgeGuard(scripted(answers), manifest, recordings).harmed.map(({ name }) => name.split("/")[1]);
    expect(harmedBy({ 50: "snapshot", 60: "rollback" })).toEqual(["mnist1d", "decay", "rare"]);
    expect(harmedBy({ 50: "snapshot", 60: "rollback", 70: "rollback" })).toContain("constant");
    expect(harmedBy({ 50: "snapshot", 60: 1.1 })).toEqual(["rising"]);
    expect(harmedBy({ 0: "snapshot", 4000: "rollback" })).toEqual(["rising"]);
  });

  it("keeps F3 and F11 apart from the share that is limited.", () => {
    const { all, apart, sequences } = judgeGuard(scripted({ 60: "rollback" }), manifest, recordings);
    expect(all).toMatchObject({ runs: 3, harmed: 3, share: 1 });
    expect(sequences.runs).toBe(2);
    expect(Object.keys(apart)).toEqual(["F3", "F11"]);
    expect(apart.F3).toMatchObject({ runs: 1, harmed: 0 });
  });
});

describe("recordTraining", () => {
  it("records the losses of a training, the same each time, and starts warm where it is told to.", async () => {
    const engine = await Engine.create({ threads: 1, planFolder: null });
    const tasks = new HealthyTasks();
    const cold = healthyManifest("fit").trainings.find(({ network }) => network === "logistic")!;
    const short = { ...cold, steps: 20, batchSize: 8 };
    const first = await recordTraining(short, tasks, engine);
    expect(first).toMatchObject({ name: short.name, status: "done" });
    expect(first.context).toMatchObject({ totalSteps: 20, classes: 10, usualRate: 0.1 });
    expect(decodeLosses(first.losses).length).toBe(20);
    expect(await recordTraining(short, tasks, engine)).toEqual(first);
    const warm = await recordTraining(
      { ...short, warmStart: { data: short.data, steps: 60 } },
      tasks,
      engine,
    );
    const sumOf = (losses: string): number => decodeLosses(losses).reduce((sum, loss) => sum + loss, 0);
    expect(sumOf(warm.losses)).toBeLessThan(0.8 * sumOf(first.losses));
  });
});

describe("encodeLosses", () => {
  it("keeps float32 losses as they are, NaN and infinities too.", () => {
    const losses = [0.5, Math.fround(2.3), Number.NaN, Number.POSITIVE_INFINITY, -5];
    expect([...decodeLosses(encodeLosses(losses))]).toEqual(losses);
  });
});
