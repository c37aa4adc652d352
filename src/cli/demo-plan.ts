/** One comparison of the demo. */
export type PlannedComparison = { task: string; title: string; steps: number };

/** The numbers of the demo, chosen to end within three minutes on two cores. */
export const demoPlan = {
  metaTraining: { task: "mnist1d/mlp", steps: 2000 },
  comparisons: [
    { task: "mnist1d/cnn", title: "Another architecture", steps: 500 },
    { task: "mnist1d/mlp", title: "A training twice as long", steps: 4000 },
  ] satisfies PlannedComparison[] as PlannedComparison[],
  byHand: ["constant", "multistep", "cosine", "linear"],
  trials: 4,
  seeds: 3,
} as const;

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
