import { MlrSnetError } from "../../errors.ts";
import type { CellConfig } from "../../schedules/index.ts";
import { checkOptionNames, type OptionNames } from "../../schedules/internal.ts";
import { checkGraphCell } from "../population/cell-graph.ts";
import type { DistributionOptions } from "../tasks/task-distribution.ts";
import { defaultAverageShare, type Shaping } from "./objective.ts";

/** `es`: whole runs. `pes`: windows of runs that go on from generation to generation, persistent evolution strategies. */
export type Estimator = "es" | "pes";

/** What decides the result of long-horizon meta-training, beside the number of generations. JSON-safe. */
export type LongHorizonOptions = {
  cell: CellConfig;
  /** Of tasks, perturbations and θ's start. */
  seed: number;
  estimator: Estimator;
  /** Tasks a generation, each with perturbations of its own. */
  tasks: number;
  /** n: antithetic pairs a task, so 2n members a population. */
  pairs: number;
  sigma: number;
  /** Of Adam on θ. */
  learningRate: number;
  /** Generations s at that rate, which then falls as (s / g)². */
  steady: number;
  shaping: Shaping;
  /** The most that a candidate's difference to the median weighs. */
  clip: number;
  /** Weight ≥ 0 of the training's average in a run's value, beside its end. */
  averageShare: number;
  /** Steps of a window of `pes`. */
  window: number;
  distribution: DistributionOptions;
  /** A task's name or file, instead of the heterogeneous distribution; `steps` is its T. */
  task?: { reference: string; steps: number; dataDirectory?: string };
};

const optionNames: OptionNames<LongHorizonOptions> = {
  cell: true,
  seed: true,
  estimator: true,
  tasks: true,
  pairs: true,
  sigma: true,
  learningRate: true,
  steady: true,
  shaping: true,
  clip: true,
  averageShare: true,
  window: true,
  distribution: true,
  task: true,
};

export const longHorizonDefaults: Omit<LongHorizonOptions, "cell" | "seed"> = {
  estimator: "es",
  tasks: 8,
  pairs: 8,
  sigma: 0.1,
  learningRate: 0.05,
  steady: 150,
  shaping: "differences",
  clip: 3,
  averageShare: defaultAverageShare,
  window: 50,
  distribution: { shortest: 20, longest: 2000, growth: 150 },
};

/** @throws {MlrSnetError} `INVALID_ARGUMENT` naming the option. */
export function checkLongHorizonOptions(options: LongHorizonOptions): LongHorizonOptions {
  checkOptionNames("long-horizon meta-training", options, optionNames);
  const { cell, seed, estimator, tasks, pairs, steady, shaping, window, averageShare, distribution, task } =
    options;
  const expect = (right: boolean, expected: string, got: unknown): void => {
    if (!right) throw new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
  };
  const isNumber = (value: unknown, least: number): boolean =>
    Number.isFinite(value) && (value as number) >= least;
  checkGraphCell(cell);
  expect(Number.isSafeInteger(seed) && seed >= 0, "`seed` to be an integer ≥ 0", seed);
  for (const [name, value] of Object.entries({ tasks, pairs, steady, window }))
    expect(Number.isSafeInteger(value) && value >= 1, `\`${name}\` to be an integer ≥ 1`, value);
  for (const name of ["sigma", "learningRate", "clip"] as const)
    expect(isNumber(options[name], Number.MIN_VALUE), `\`${name}\` to be a number > 0`, options[name]);
  expect(isNumber(averageShare, 0), "`averageShare` to be a number ≥ 0", averageShare);
  expect(estimator === "es" || estimator === "pes", "`estimator` to be es or pes", estimator);
  expect(shaping === "ranks" || shaping === "differences", "`shaping` to be ranks or differences", shaping);
  expect(Object(distribution) === distribution, "`distribution` to be an object", distribution);
  checkOptionNames("`distribution`", distribution, { shortest: true, longest: true, growth: true });
  const { shortest = 20, longest = 2000, growth = 0 } = distribution;
  expect(
    Number.isSafeInteger(shortest) && Number.isSafeInteger(longest) && 1 <= shortest && shortest <= longest,
    "`distribution` to have integers 1 <= shortest <= longest",
    `${shortest} and ${longest}`,
  );
  expect(isNumber(growth, 0), "`distribution.growth` to be a number ≥ 0", growth);
  if (task === undefined) return options;
  checkOptionNames("`task`", task, { reference: true, steps: true, dataDirectory: true });
  const { reference, steps } = task;
  expect(typeof reference === "string", "`task.reference` to be a name or a file", reference);
  expect(Number.isSafeInteger(steps) && steps >= 1, "`task.steps` to be an integer ≥ 1", steps);
  expect(estimator === "es", "the estimator `es` for a single task", "`pes`, which needs populations");
  return options;
}
