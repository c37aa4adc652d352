import { architectures } from "../tasks/architectures.ts";
import type { MetaTask } from "../tasks/task-distribution.ts";
import type { TaskOutcome } from "../tasks/task-runs.ts";

/** One task of one generation. `index` is its number within the generation. */
export type EstimateJob = { generation: number; index: number; theta: Float64Array };

export type Estimate = {
  generation: number;
  index: number;
  /** Of the objective with respect to θ, as this task sees it. */
  gradient: Float64Array;
  /** Mean over the candidates that did not diverge; null if all did, or no run ended. */
  value: number | null;
  /** Candidates whose run diverged, of so many whose run ended. */
  diverged: number;
  ended: number;
  /** The task in a word: architecture, optimizer, T. */
  task: string;
};

/** What an estimator keeps from one generation to the next, for a checkpoint; JSON-safe data and arrays. */
export type KeptRuns = Record<number, { data: unknown; arrays: Record<string, Float32Array> }>;

/** Estimates gradients; on one thread, so that its answers are the same wherever it runs. */
export type TaskEstimator = {
  estimate(job: EstimateJob): Promise<Estimate>;
  /** Runs that are under way: none where every job makes whole runs. */
  save(): KeptRuns;
  restore(kept: KeptRuns): void;
  release(): Promise<void>;
};

/** How the candidates' runs ended. */
export function summariseOutcome(
  { losses }: Pick<TaskOutcome, "losses">,
  values: readonly number[],
): Pick<Estimate, "value" | "diverged" | "ended"> {
  const healthy = values.filter((_, member) => Number.isFinite(losses[member]));
  return {
    value: healthy.length > 0 ? healthy.reduce((a, b) => a + b, 0) / healthy.length : null,
    diverged: values.length - healthy.length,
    ended: values.length,
  };
}

export function describeTask({ architecture, optimizer, steps }: MetaTask): string {
  return `${architectures[architecture]!.name} ${optimizer} ${steps}`;
}

/** About how long a task takes, in arbitrary units: the longest are begun first. */
export function costOf({ architecture, optimizer, steps }: MetaTask): number {
  const { longest } = architectures[architecture]!;
  return (steps / longest) * (optimizer === "adam" ? 1.5 : 1);
}
