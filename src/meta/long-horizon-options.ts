import type { CellConfig } from "../schedules/index.ts";
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
  distribution: Required<DistributionOptions>;
};

export const longHorizonDefaults: Omit<LongHorizonOptions, "cell" | "seed"> = {
  estimator: "es",
  tasks: 8,
  pairs: 8,
  sigma: 0.1,
  learningRate: 0.02,
  shaping: "differences",
  window: 50,
  distribution: { shortest: 20, longest: 2000 },
};
