import { describe, expect, it } from "vitest";
import {
  findCandidate,
  type GuardCostNetwork,
  guardCost,
  type ReferenceNetwork,
  reference,
} from "../src/benchmark/index.ts";
import { Engine } from "../src/engine/index.ts";
import { MlrSnetError } from "../src/errors.ts";
import {
  controlRows,
  currentHash,
  isGenerated,
  isSteady,
  type Recorded,
  recorded,
  recordedTasks,
  runAgain,
  taskOf,
} from "./recorded.ts";

/** One recorded unit of each table that is not a timing, run again: what test/recorded.ts says of the files. */

/** Of accuracies from 0 to 1, and of losses and perplexities as a share. */
const tolerance = 1e-3;

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected)));
}

async function finish<Result>(generator: AsyncGenerator<unknown, Result>): Promise<Result> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value as Result;
  }
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Of a file's rows, the cheapest on a task that needs no data and is the same on every machine. */
function cheapest(rows: readonly Recorded[], task: (row: Recorded) => string = (row) => row.task): Recorded {
  const fit = rows.filter((row) => isGenerated(task(row)) && isSteady(task(row)));
  expect(fit.length, "units that can be run again").toBeGreaterThan(0);
  return fit.toSorted((a, b) => a.steps - b.steps)[0];
}

describe("a recorded unit, run again,", () => {
  it("of mnist1d-reference has the same accuracy.", async () => {
    const { results, steps } = recorded("mnist1d-reference");
    const { network, accuracies } = results.find((row: Recorded) => row.network === "logistic");
    const engine = await Engine.create({ threads: 1 });
    const networks = [network as ReferenceNetwork];
    const again = await finish(reference({ engine, networks, seeds: 1, steps }));
    expectClose(again.results[0]!.accuracies[0]! / 100, accuracies[0] / 100);
  });

  it("of the guard's cost has the same accuracy and loss, without and with the guard.", async () => {
    const { results } = recorded("guard-cost");
    const { task, steps } = cheapest(results);
    const networks = [task.replace("mnist1d/", "") as GuardCostNetwork];
    const engine = await Engine.create({ threads: 1 });
    const again = await finish(guardCost({ engine, networks, seeds: 1, steps }));
    for (const { baseRate, runs } of again.results) {
      const row = results.find((other: Recorded) => other.task === task && other.baseRate === baseRate);
      for (const { seed, guarded, accuracy, loss } of runs) {
        const run = row.runs.find((other: Recorded) => other.seed === seed && other.guarded === guarded);
        expectClose(accuracy, run.accuracy);
        if (run.loss === null) expect(loss).toBeNull();
        else expectClose(loss!, run.loss);
      }
    }
  });

  it.each(["candidate", "untuned"])("of dev has the same results (%s).", async (kind) => {
    const { units, runs } = recorded("dev");
    const plain = units.filter(
      (unit: Recorded) => unit.participant === kind && !unit.guarded && unit.horizonFactor === undefined,
    );
    const { task: name, name: schedule, schedule: reference, steps, trainedOn } = cheapest(plain);
    const run = runs.find((other: Recorded) => other.task === name && other.schedule === schedule);
    const task = await taskOf(name, "dev");
    const candidate = await findCandidate(reference, task, 1);
    const keepsValidation = trainedOn === "training part";
    const options = { baseRate: run.baseRate, seeds: [run.seed], steps, keepsValidation };
    const [again] = await runAgain(task, candidate, options);
    for (const part of ["last", "validation"] as const)
      for (const [measure, value] of Object.entries(run[part] ?? {}))
        if (value !== null) expectClose(again![part]![measure as "loss"]!, value as number);
  });

  it("of demo has the same mean.", async () => {
    const rows = recorded("demo").table.filter(({ schedule }: Recorded) => schedule !== "live");
    const { task: name, schedule, baseRate, steps, seed, runs, mean } = cheapest(rows);
    const task = await taskOf(name, "built-in");
    const seeds = Array.from({ length: runs }, (_, index) => seed + 1 + index);
    const candidate = await findCandidate(schedule, task, 1);
    const again = await runAgain(task, candidate, { baseRate, seeds, steps, keepsValidation: false });
    expectClose(meanOf(again.map(({ last }) => last.accuracy!)), mean);
  });

  it("of zoo has the same result: a schedule that was published.", async () => {
    // zoo:paper is used otherwise by its name than as a file.
    const published = recorded("zoo").seeds.filter(({ name }: Recorded) => name === "zoo:anytime");
    const {
      task: name,
      steps,
      judgedBy,
      values,
    } = cheapest(published.flatMap(({ tasks }: Recorded) => tasks));
    const task = await taskOf(name, "dev");
    const candidate = await findCandidate("zoo:anytime", task, 1);
    const { seed, value } = values[0];
    const options = { baseRate: null, seeds: [seed], steps, keepsValidation: true };
    const [again] = await runAgain(task, candidate, options);
    expectClose(again!.last[judgedBy as "loss"]!, value);
  });

  it("of ablation has the same mean: a row that learns nothing.", async () => {
    const result = recorded("ablation");
    const named = controlRows(result).filter(({ schedule }) => /^(control|calibrated|zoo):/.test(schedule));
    const { schedule, tasks } = named[0];
    const steady = tasks.filter(({ task }: Recorded) => isGenerated(task) && isSteady(task));
    const { task: name, mean } = steady[0];
    const task = await taskOf(name, "dev");
    const seeds = Array.from({ length: result.seeds }, (_, index) => result.seed + 1 + index);
    const candidate = await findCandidate(schedule, task, 1);
    const options = { baseRate: null, seeds, steps: task.steps, keepsValidation: false };
    const again = await runAgain(task, candidate, options);
    expectClose(meanOf(again.map(({ last }) => last.accuracy!)), mean);
  });
});

describe("the tasks with data", () => {
  it.each(["dev", "zoo", "ablation"] as const)(
    "are as they were when %s was recorded (skipped where the data are missing).",
    async (name) => {
      for (const { task, taskHash } of recordedTasks(name).filter((row) => !isGenerated(row.task))) {
        const hash = await currentHash(task, "dev").catch((error: unknown) => {
          if (error instanceof MlrSnetError && error.code === "DATA_NOT_FOUND") return undefined;
          throw error;
        });
        if (hash !== undefined) expect([task, hash]).toEqual([task, taskHash]);
      }
    },
  );
});
