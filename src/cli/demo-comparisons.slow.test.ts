import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inThisThread } from "../workers/index.ts";
import { type ComparisonResult, runComparisons } from "./demo-comparisons.ts";
import { type DemoBudget, type DemoPlan, type DemoSchedule, quickPlan } from "./demo-plan.ts";
import { start } from "./demo-worker.ts";
import { Session } from "./session.ts";

const silent = { write: () => {} };
let session: Session;
beforeEach(() => {
  session = new Session({ stdout: silent, stderr: silent });
});
afterEach(() => session.close());

const plan: DemoPlan = {
  ...quickPlan,
  comparisons: [
    { task: "mnist1d/logistic", title: "Logistic regression", steps: 12 },
    { task: "mnist1d/mlp", title: "A residual network", steps: 8 },
  ],
  trials: 2,
  seeds: 3,
};
const schedules: DemoSchedule[] = [
  { name: "zoo:default", source: "zoo:default", isSearched: false },
  { name: "cosine", source: "cosine", isSearched: true },
];
const ample: DemoBudget = { learning: 1e6, aim: 1e6, limit: 1e6, leastSeeds: 2, shares: [1, 0.5, 0.25] };

/** @param ago seconds since the demo's beginning. */
async function run(
  budget: DemoBudget | undefined,
  { ago = 0, workers = 1, own = schedules } = {},
): Promise<ComparisonResult[]> {
  return await runComparisons({
    ...{ plan: budget ? { ...plan, budget } : plan, schedules: own, seed: 3, device: "cpu" },
    ...{ started: performance.now() - 1000 * ago, session, workers },
    transport: inThisThread(start),
  });
}

const madeOf = (results: readonly ComparisonResult[]): object[] => results.map(({ made }) => made);

describe("the demo's comparisons", () => {
  it("are the same with time enough, without a budget, and with one worker or two.", async () => {
    const all = await run(undefined);
    expect(madeOf(all)).toEqual(plan.comparisons.map((planned) => ({ ...planned, seeds: 3 })));
    expect(all[0]!.result.summary.map(({ schedule, runs }) => [schedule, runs])).toEqual([
      ["zoo:default", 3],
      ["cosine", 3],
    ]);
    expect(all[0]!.result.runs[0]!.curve).toHaveLength(12);
    expect(await run(ample)).toEqual(all);
    expect(await run(undefined, { workers: 2 })).toEqual(all);
  });

  it("are of the first alone, in the shortest trainings and with the fewest seeds, where there is no time at all.", async () => {
    const none = { ...ample, aim: 0, limit: 0 };
    expect(madeOf(await run(none, { ago: 1 }))).toEqual([{ ...plan.comparisons[0]!, steps: 3, seeds: 2 }]);
  });

  it("leave out a comparison that the forecast let begin and that is not done by the limit.", async () => {
    // The forecast has all the time there is, and the limit is over.
    const late = { ...ample, limit: 0 };
    expect(madeOf(await run(late, { ago: 1 }))).toEqual([{ ...plan.comparisons[0]!, seeds: 2 }]);
  });

  it("have seeds of their own runs: those of a shorter plan begin those of a longer one.", async () => {
    const all = await run(undefined);
    const few = await run({ ...ample, limit: 0 }, { ago: 1 });
    const firstTwo = all[0]!.result.runs.filter(({ seed }) => seed <= 5);
    expect(few[0]!.result.runs).toEqual(firstTwo);
    expect(few[0]!.result.summary[1]!.search).toEqual(all[0]!.result.summary[1]!.search);
  });

  it("end with the error of a worker.", async () => {
    const own = [...schedules, { name: "live", source: "./missing.safetensors", isSearched: false }];
    await expect(run(undefined, { own })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
