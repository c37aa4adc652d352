import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { constant, MlrSnet, presets, type Schedule } from "../schedules/index.ts";
import { encodeSchedule, equalFractions, initialiseParameters } from "../schedules/writer.ts";
import { allDataOf, findTask, splitsOf, type Task } from "../training/index.ts";
import { type Candidate, findCandidate } from "./candidates.ts";
import { type CompareProgress, type CompareResult, compare } from "./compare.ts";
import { type JudgedRun, judgedRun } from "./judged-run.ts";
import { rateGrid } from "./rate-grid.ts";

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
    const candidates = [await findCandidate("constant", task, 3), await learned()];
    result = await finish(compare({ task, candidates, engine, seeds: 2, seed: 7, steps }), progress);
  });
  afterAll(() => {
    progress.length = 0;
  });

  it("searches with a seed that no final run has, and gives every schedule the same final seeds.", () => {
    const seedsOf = (phase: string) => [
      ...new Set(progress.filter((item) => item.phase === phase).map(({ seed }) => seed)),
    ];
    expect(seedsOf("search")).toEqual([7]);
    expect(seedsOf("final")).toEqual([8, 9]);
    expect(result.runs.map(({ schedule, seed }) => [schedule, seed])).toEqual([
      ["constant", 8],
      ["constant", 9],
      ["learned", 8],
      ["learned", 9],
    ]);
  });

  it("counts the runs of a search, and has none for a learned schedule.", () => {
    expect(result.summary.map(({ schedule, tuningRuns }) => [schedule, tuningRuns])).toEqual([
      ["constant", 3],
      ["learned", 0],
    ]);
    expect(result.runs[2]).toMatchObject({ baseRate: null, tuningRuns: 0, status: "done" });
    expect(progress.at(-1)).toMatchObject({ run: 6, runs: 7, step: steps - 1 });
  });

  it("chooses the base rate that is best on validation data.", async () => {
    const scores: { rate: number; judged: JudgedRun }[] = [];
    for (const rate of rateGrid(0.1, 3)) {
      const options = { task, data: splitsOf(task), engine, seed: 7, steps, judgeOn: "validation" } as const;
      scores.push({
        rate,
        judged: await finish(
          judgedRun({ ...options, schedule: constant({ baseRate: rate }) as Schedule<unknown> }),
        ),
      });
    }
    scores.sort((a, b) => b.judged.last.accuracy - a.judged.last.accuracy);
    expect(result.runs[0]!.baseRate).toBe(scores[0]!.rate);
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
