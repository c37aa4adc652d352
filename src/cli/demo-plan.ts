/** One comparison of the demo. */
export type PlannedComparison = { task: string; title: string; steps: number };

/** The numbers of a demo. */
export type DemoPlan = {
  metaTraining: { task: string; steps: number };
  comparisons: readonly PlannedComparison[];
  byHand: readonly string[];
  trials: number;
  seeds: number;
  /** What to beware of, in one sentence; the report's title where it stands. */
  caution?: string;
};

/** Ends within three minutes on two cores. */
export const demoPlan: DemoPlan = {
  metaTraining: { task: "mnist1d/mlp", steps: 2000 },
  comparisons: [
    { task: "mnist1d/cnn", title: "Another architecture", steps: 600 },
    { task: "mnist1d/mlp", title: "A training twice as long", steps: 4000 },
  ],
  byHand: ["constant", "multistep", "cosine", "linear"],
  trials: 5,
  seeds: 3,
};

/** Seconds, to see that everything works: too short to say anything of the schedules. */
export const quickPlan: DemoPlan = {
  metaTraining: { task: "mnist1d/mlp", steps: 200 },
  comparisons: [
    { task: "mnist1d/cnn", title: "Another architecture", steps: 150 },
    { task: "mnist1d/mlp", title: "A training twice as long", steps: 400 },
  ],
  byHand: ["constant", "cosine"],
  trials: 2,
  seeds: 2,
  caution: "A quick run: everything works, and nothing can be said of the schedules yet",
};

/** The names that learned schedule and control have in runs, and those that people read. */
export const learnedName = "mlr-snet";
export const controlName = "levels";
const labels: Readonly<Record<string, string>> = {
  [learnedName]: "MLR-SNet, transferred",
  [controlName]: "its three levels, plain",
};

export function labelOf(schedule: string): string {
  return labels[schedule] ?? schedule;
}
