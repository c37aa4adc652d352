import { MlrSnetError } from "../errors.ts";
import type { CellConfig } from "../schedules/index.ts";
import { checkGraphCell } from "./cell-graph.ts";
import type { Shaping } from "./objective.ts";
import type { DistributionOptions } from "./task-distribution.ts";

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
  shaping: Shaping;
  /** Steps of a window of `pes`. */
  window: number;
  distribution: DistributionOptions;
  /** A task's name or file, instead of the heterogeneous distribution; `steps` is its T. */
  task?: { reference: string; steps: number; dataDirectory?: string };
};

export const longHorizonDefaults: Omit<LongHorizonOptions, "cell" | "seed"> = {
  estimator: "es",
  tasks: 8,
  pairs: 8,
  sigma: 0.1,
  learningRate: 0.05,
  shaping: "differences",
  window: 50,
  distribution: { shortest: 20, longest: 2000, growth: 300 },
};

/** @throws {MlrSnetError} `INVALID_ARGUMENT` naming the option. */
export function checkLongHorizonOptions(options: LongHorizonOptions): LongHorizonOptions {
  const { estimator, tasks, pairs, window, distribution, task } = options;
  const expect = (right: boolean, expected: string, got: unknown): void => {
    if (!right) throw new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
  };
  checkGraphCell(options.cell);
  for (const [name, value] of Object.entries({ tasks, pairs, window }))
    expect(Number.isInteger(value) && value >= 1, `\`${name}\` to be an integer ≥ 1`, value);
  for (const name of ["sigma", "learningRate"] as const)
    expect(
      options[name] > 0 && Number.isFinite(options[name]),
      `\`${name}\` to be a number > 0`,
      options[name],
    );
  const { shortest = 20, longest = 2000 } = distribution;
  expect(
    Number.isInteger(shortest) && Number.isInteger(longest) && 1 <= shortest && shortest <= longest,
    "`distribution` to have integers 1 <= shortest <= longest",
    `${shortest} and ${longest}`,
  );
  expect(
    !(task && estimator === "pes"),
    "the estimator `es` for a single task",
    "`pes`, which needs populations",
  );
  return options;
}
