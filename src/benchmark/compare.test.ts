import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { constant, MlrSnet, presets, type Schedule } from "../schedules/index.ts";
import { encodeSchedule, equalFractions, initialiseParameters } from "../schedules/internal.ts";
import { allDataOf, splitsOf, type Task } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import { type Candidate, findCandidate } from "./candidates.ts";
import { type CompareProgress, type CompareResult, compare } from "./compare.ts";
import type { FinishedRun } from "./compare-run.ts";
import { judgedRun } from "./judged-run.ts";

let task: Task;
let engine: Engine;
beforeAll(async () => {
  task = await findTask("mnist1d/logistic").load();
  engine = await Engine.create({ threads: 1, planFolder: null });
});
const steps = 6;

async function finish<Item, Result>(
  generator: AsyncGenerator<Item, Result>,
  items: Item[] = [],
): Promise<Result> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value;
    items.push(value);
  }
}

/** Rates so small that the largest of them is the best. */
async function byHand(): Promise<Candidate> {
  return { ...(await findCandidate("constant", task, 3)), baseRates: [0.004, 0.02, 0.1] };
}

async function learned(): Promise<Candidate> {
  const cell = presets["image-meta-train"];
  const thetas = [0, 1, 2].map((seed) => initialiseParameters(cell, seed, "fan-in"));
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(3), thetas };
  const file = await MlrSnet.load(encodeSchedule({ cell, snapshots, provenance: {} }));
  return { name: "learned", baseRates: [], create: () => file.schedule() as Schedule<unknown> };
}

describe("compare", () => {
  const progress: CompareProgress[] = [];
  let result: CompareResult;
  beforeAll(async () => {
    const candidates = [await byHand(), await learned()];
    result = await finish(compare({ task, candidates, engine, seeds: 2, seed: 7, steps }), progress);
  });
  afterAll(() => {
    progress.length = 0;
  });

  it("searches with seeds that no final run has, and gives every schedule the same final seeds.", () => {
    const seedsOf = (phase: string) => [
      ...new Set(progress.filter((item) => item.phase === phase).map(({ seed }) => seed)),
    ];
    expect(seedsOf("search")).toEqual([7, 10_007]);
    expect(seedsOf("final")).toEqual([8, 9]);
    expect(result.runs.map(({ schedule, seed }) => [schedule, seed])).toEqual([
      ["constant", 8],
      ["constant", 9],
      ["learned", 8],
      ["learned", 9],
    ]);
  });

  it("tries one more rate beyond an edge that wins, and counts the runs of the search.", () => {
    expect(result.summary[0]!.search.map(({ baseRate, runs }) => [baseRate, runs])).toEqual([
      [0.004, 2],
      [0.02, 2],
      [0.1, 2],
      [0.5, 2],
    ]);
    expect(result.summary.map(({ schedule, tuningRuns }) => [schedule, tuningRuns])).toEqual([
      ["constant", 8],
      ["learned", 0],
    ]);
    expect(result.runs[2]).toMatchObject({ baseRate: null, tuningRuns: 0, status: "done", acts: [] });
    expect(progress.at(-1)).toMatchObject({ run: 11, runs: 12, step: steps - 1 });
  });

  it("chooses the base rate with the best mean on validation data, of which it keeps the figures.", async () => {
    const { search } = result.summary[0]!;
    const expected = [];
    for (const rate of [0.004, 0.02, 0.1, 0.5]) {
      const accuracies: number[] = [];
      for (const seed of [7, 10_007]) {
        const options = { task, data: splitsOf(task), engine, seed, steps, judgeOn: "validation" } as const;
        const schedule = constant({ baseRate: rate }) as Schedule<unknown>;
        accuracies.push((await finish(judgedRun({ ...options, schedule }))).last.accuracy!);
      }
      expected.push((accuracies[0]! + accuracies[1]!) / 2);
    }
    expect(search.map(({ mean }) => mean)).toEqual(expected);
    expect(result.runs[0]!.baseRate).toBe(search[expected.indexOf(Math.max(...expected))]!.baseRate);
    expect(result).toMatchObject({ comparator: "constant", judgedBy: "accuracy" });
  });

  it("sets every schedule beside every other, without a verdict for two seeds.", () => {
    expect(result.paired.map(({ schedule, against }) => [schedule, against])).toEqual([
      ["constant", "learned"],
      ["learned", "constant"],
    ]);
    expect(result.paired[0]).toMatchObject({ seeds: 2, verdict: null });
    expect(result.paired[0]!.difference).toBe(-result.paired[1]!.difference);
  });

  it("takes up every finished run of the same key, and no other.", async () => {
    const finished = progress.flatMap((item) => item.finished ?? []);
    expect(finished).toHaveLength(12);
    const candidates = [await byHand(), await learned()];
    const options = { task, candidates, engine, seeds: 2, seed: 7, steps };
    const events: CompareProgress[] = [];
    const stored = JSON.parse(JSON.stringify(finished)) as FinishedRun[];
    expect(await finish(compare({ ...options, stored }), events)).toEqual(result);
    expect(events).toEqual([]);
    // Of another length, other code for the file or another task, none fits.
    for (const change of [{ steps: 7 }, { taskHash: "another" }]) {
      const first = await compare({ ...options, ...change, stored }).next();
      expect(first.value).toMatchObject({ phase: "search", run: 0, step: 0 });
    }
    const third = finished.filter((_, index) => index !== 9);
    await finish(compare({ ...options, stored: third }), events);
    expect(events.filter((item) => item.finished).map(({ schedule, seed }) => [schedule, seed])).toEqual([
      ["constant", 9],
    ]);
  });

  it("keeps validation data apart where choices are to go by them: other runs, with a result on both.", async () => {
    const candidates = [await learned()];
    const apart = await finish(
      compare({ task, candidates, engine, seeds: 1, seed: 7, steps, keepsValidation: true, evaluations: 1 }),
    );
    expect(result.runs[2]!.validation).toBeNull();
    expect(result.summary[1]!.validationMean).toBeNull();
    const [own] = apart.runs;
    expect(own!.last).not.toEqual(result.runs[2]!.last);
    expect(apart.summary[0]!.validationMean).toBe(own!.validation!.accuracy);
    const options = { task, data: splitsOf(task), engine, seed: 8, steps, judgeOn: "validation" } as const;
    const judged = await finish(judgedRun({ ...options, schedule: candidates[0]!.create(null) }));
    expect(own!.validation).toEqual(judged.last);
  });

  it("keeps a curve with the learning rate of every step and test figures of the last.", () => {
    const { curve, last } = result.runs[2]!;
    expect(curve).toHaveLength(steps);
    expect(curve.at(-1)).toMatchObject({ testLoss: last.loss, testAccuracy: last.accuracy });
  });
});

describe("judgedRun", () => {
  it("lists the range of each snapshot that was in force.", async () => {
    const schedule = (await learned()).create(null);
    const judged = await finish(
      judgedRun({ task, data: allDataOf(task), schedule, engine, seed: 0, steps, judgeOn: "test" }),
    );
    expect(judged.gammas).toHaveLength(3);
    expect(judged.gammas.every((gamma) => gamma > 0)).toBe(true);
  });

  it("counts a run that diverges as guessing.", async () => {
    const schedule = constant({ baseRate: 1e30 }) as Schedule<unknown>;
    const judged = await finish(
      judgedRun({ task, data: allDataOf(task), schedule, engine, seed: 0, steps, judgeOn: "test" }),
    );
    expect(judged).toMatchObject({ status: "diverged", last: { loss: null, accuracy: 0.1 } });
  });

  it("stops between two steps when its signal says so.", async () => {
    const abort = new AbortController();
    const schedule = constant({ baseRate: 0.1 }) as Schedule<unknown>;
    const options = {
      task,
      data: allDataOf(task),
      schedule,
      engine,
      seed: 0,
      steps,
      judgeOn: "test",
    } as const;
    const records = judgedRun({ ...options, signal: abort.signal });
    await records.next();
    abort.abort();
    await expect(records.next()).rejects.toMatchObject({
      code: "INTERRUPTED",
      message: "Stopped after 1 steps.",
    });
  });
});
