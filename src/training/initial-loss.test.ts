import { beforeAll, describe, expect, it } from "vitest";
import { recordsOf } from "../../test/records-of.ts";
import type { DataSplits } from "../data/index.ts";
import { Engine } from "../engine/index.ts";
import { dropoutLayer } from "../nn/index.ts";
import {
  cosine,
  divergenceGuard,
  MlrSnet,
  type RunContext,
  type Schedule,
  warmup,
} from "../schedules/index.ts";
import type { TrainingRecord } from "./run.ts";
import { splitsOf, type Task } from "./task.ts";
import { findTask } from "./tasks.ts";
import { TrainingRun } from "./train.ts";

let engine: Engine;
let task: Task;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
  // Batch statistics and random masks: what an evaluation before the run must leave alone.
  const plain = await findTask("mnist1d/cnn-bn").load();
  task = {
    ...plain,
    model: (scope, x) => dropoutLayer(scope, plain.model(scope, x), 0.1),
  };
});

/** A schedule that keeps what it was told. */
function listening(needs: readonly (keyof RunContext)[]): Schedule<unknown> & { told: RunContext[] } {
  const inner = cosine({ baseRate: 0.1 });
  const told: RunContext[] = [];
  return {
    ...(inner as Schedule<unknown>),
    needs: [...inner.needs!, ...needs],
    told,
    init(context) {
      told.push(context);
      return inner.init(context);
    },
  };
}

async function recordsWith(
  schedule: Schedule<unknown>,
  data: DataSplits = splitsOf(task),
): Promise<[TrainingRun, TrainingRecord[]]> {
  const run = new TrainingRun({ task, data, schedule, engine, seed: 0, steps: 6 });
  const records = await recordsOf(run);
  await run.release();
  return [run, records];
}

describe("the initial loss", () => {
  it("is told to a schedule that needs it, is the mean over the training set, and changes no bit of the run", async () => {
    const [needing, other] = [listening(["initialLoss"]), listening([])];
    const [, records] = await recordsWith(needing);
    expect((await recordsWith(other))[1]).toEqual(records);
    expect(needing.told[0]!.initialLoss).toBeGreaterThan(2);
    expect(other.told).toEqual([expect.not.objectContaining({ initialLoss: expect.anything() })]);
    expect(needing.told).toEqual([{ ...other.told[0], initialLoss: needing.told[0]!.initialLoss }]);
  });

  it("is needed by zoo:paper, whatever is around it, and by none of the schedules that compute no γ", async () => {
    const [paper, standard, anytime] = await Promise.all(
      ["zoo:paper", "zoo:default", "zoo:anytime"].map((name) => MlrSnet.load(name)),
    );
    const around = divergenceGuard(warmup(paper!.schedule(), { steps: 2 }));
    for (const schedule of [paper!.schedule(), around]) expect(schedule.needs).toContain("initialLoss");
    for (const schedule of [paper!.schedule({ gamma: 0.1 }), standard!.schedule(), anytime!.schedule()])
      expect(schedule.needs).not.toContain("initialLoss");
    const [run, [first]] = await recordsWith(around as Schedule<unknown>);
    expect(run.context!.initialLoss).toBeGreaterThan(2);
    expect(first!.events).toBeUndefined(); // no `initial-loss-missing`
  });

  it("that is not finite is a run that diverged at step 0; where it is not needed the first batch decides", async () => {
    const { train, ...rest } = splitsOf(task);
    const huge = (train.inputs as Float32Array).slice().fill(3e38);
    const last = (train.inputs as Float32Array).slice();
    last.fill(3e38, last.length - 40); // the sums of one example overflow
    const data = { ...rest, train: { ...train, inputs: last } };
    const [lost, none] = await recordsWith(listening(["initialLoss"]), data);
    expect(none).toEqual([]);
    expect(lost.outcome).toEqual({ status: "diverged", steps: 0, loss: "NaN" });
    const [run, records] = await recordsWith(listening([]), data);
    expect(records.length).toBe(6); // the example is in none of these batches
    expect(run.outcome).toEqual({ status: "done", steps: 6 });
    const all = { ...rest, train: { ...train, inputs: huge } };
    const [first] = await recordsWith(listening([]), all);
    expect(first.outcome).toEqual({ status: "diverged", steps: 0, loss: "NaN" });
  });
});
