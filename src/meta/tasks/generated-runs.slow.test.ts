import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../engine/index.ts";
import {
  type CellConfig,
  learnedSchedule,
  linear,
  parameterCount,
  presets,
  type Schedule,
} from "../../schedules/index.ts";
import { usualRate } from "../../training/index.ts";
import { createSmallEngine } from "../long-horizon/estimator-worker.ts";
import { architectures } from "./architectures.ts";
import { runGenerated, trainable } from "./generated-runs.ts";
import { drawTask, type MetaTask } from "./task-distribution.ts";
import { type TaskOutcome, TaskRuns } from "./task-runs.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createSmallEngine();
});

const steps = 12;
const named = (part: string): number => architectures.findIndex(({ name }) => name.includes(part));
/** One of each family and optimizer, with all that is drawn away from its default. */
const kinds: [string, MetaTask["optimizer"]][] = [
  ["mlp-32x2-relu-batch", "momentum"],
  ["conv1d-8x2-tanh-layer", "adam"],
  ["gru-12x1", "sgd"],
  ["bag-8x1", "adam"],
  ["quadratic-16-10", "momentum"],
];
const tasks = kinds.map(
  ([name, optimizer], index): MetaTask => ({
    ...drawTask(5, [index], { shortest: steps, longest: steps }),
    architecture: named(name),
    optimizer,
    initialScale: 1.3,
    weightDecay: 2e-3,
    clipNorm: 0.5,
    examples: 1000,
  }),
);
const zeros = (cell: CellConfig): Float64Array => new Float64Array(parameterCount(cell));

function expectSame(got: TaskOutcome, expected: TaskOutcome, what: string): void {
  const { losses, progress, initialLoss, predicts } = got;
  expect(predicts, what).toBe(expected.predicts);
  // A progress may be next to nothing.
  for (const [ours, theirs] of [
    [losses[0]!, expected.losses[0]!],
    [progress[0]!, expected.progress[0]!],
    [initialLoss, expected.initialLoss],
  ] as const)
    expect(Math.abs(ours - theirs), `${what}: ${ours}, ${theirs}`).toBeLessThan(
      2e-3 * (0.1 + Math.abs(theirs)),
    );
  if (predicts) expect(got.correct[0], what).toBeCloseTo(expected.correct[0]!, 2);
}

describe("runGenerated", () => {
  it.each(kinds.map(([name], index) => ({ name, task: tasks[index]! })))(
    "is for $name what a population of one is, with a schedule of the same rates.",
    async ({ name, task }) => {
      const cell = presets.transfer;
      const runs = new TaskRuns(engine, cell);
      const snapshots = { switchRule: "fractions", fractions: [0], thetas: [zeros(cell)] } as const;
      const schedule = learnedSchedule({ cell, snapshots, provenance: {} }) as Schedule<unknown>;
      const alone = await runGenerated(engine, task, () => schedule);
      expectSame(alone, await runs.run(task, [zeros(cell)]), name);
      await runs.release();
    },
  );

  it("tells a rate that is too large by a loss that is no number.", async () => {
    const task = { ...tasks[4]!, steps: 400 };
    const outcome = await runGenerated(
      engine,
      task,
      ({ optimizer }) => linear({ baseRate: 1e4 * usualRate(optimizer) }) as Schedule<unknown>,
    );
    expect(outcome.losses).toEqual([Number.NaN]);
  });
});

describe("trainable", () => {
  it("has the optimizer of the task, and clips where its network does.", () => {
    expect(trainable(tasks[0]!).task.optimizer).toEqual({
      kind: "sgd",
      momentum: tasks[0]!.momentum,
      weightDecay: 2e-3,
    });
    expect(trainable(tasks[1]!).task.optimizer).toEqual({ kind: "adamw", weightDecay: 2e-3 });
    expect(trainable(tasks[2]!).task.optimizer).toEqual({ kind: "sgd", weightDecay: 2e-3, clipNorm: 0.5 });
  });
});

describe("a population with a shape", () => {
  it("drives each member as a schedule made by hand drives a run of its own.", async () => {
    const cell: CellConfig = {
      ...presets.transfer,
      hidden: 1,
      inputs: ["progress"],
      output: { form: "integrating", step: 0.2, start: 1, floor: 1e-5, ceiling: 1000, relative: true },
    };
    const runs = new TaskRuns(engine, cell);
    const multiples = [0.5, 3];
    for (const [index, task] of tasks.entries()) {
      const shape = (step: number): number => 1 - step / task.steps;
      const logRates = multiples.map(Math.log);
      const both = await runs.run(task, [zeros(cell), zeros(cell)], { logRates, shape });
      for (const [member, multiple] of multiples.entries()) {
        const pick = (values: number[]): number[] => [values[member]!];
        const own = await runGenerated(
          engine,
          task,
          ({ optimizer }) => linear({ baseRate: multiple * usualRate(optimizer) }) as Schedule<unknown>,
        );
        const expected = {
          ...both,
          losses: pick(both.losses),
          correct: pick(both.correct),
          progress: pick(both.progress),
        };
        expectSame(own, expected, `${kinds[index]![0]} from ${multiple}`);
      }
    }
    await runs.release();
  });
});
