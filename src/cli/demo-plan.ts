import { type LongHorizonOptions, longHorizonDefaults } from "../meta/index.ts";
import { presets } from "../schedules/index.ts";

/** One comparison of the demo. */
export type PlannedComparison = { task: string; title: string; steps: number };

/** The numbers of a demo. */
export type DemoPlan = {
  /** What is learned while one watches: so many generations, not so many seconds, for the same schedule on every machine. */
  live: { generations: number; options: Omit<LongHorizonOptions, "seed"> };
  comparisons: readonly PlannedComparison[];
  byHand: readonly string[];
  trials: number;
  seeds: number;
  /** What to beware of, in one sentence; the report's title where it stands. */
  caution?: string;
};

/**
 * Small enough to be learned in half a minute: a quarter of the units of `zoo:default`, half of its inputs, greater steps.
 * Found by a few tries, which were judged on tasks of this demo.
 */
const liveOptions: DemoPlan["live"]["options"] = {
  ...longHorizonDefaults,
  cell: {
    ...presets.transfer,
    hidden: 4,
    inputs: ["average-loss", "trend", "jump", "excess", "log-rate", "progress"],
  },
  tasks: 8,
  pairs: 8,
  sigma: 0.2,
  learningRate: 0.1,
  shaping: "ranks",
  distribution: { shortest: 20, longest: 2000 },
};

/** Of each base rate: half of the search that `compare` makes, since people wait for the demo. */
export const searchSeeds = 1;

/** Ends within three minutes on two cores. */
export const demoPlan: DemoPlan = {
  live: { generations: 40, options: liveOptions },
  comparisons: [
    { task: "mnist1d/cnn", title: "A convolutional network", steps: 600 },
    { task: "mnist1d/cnn-bn", title: "Batch normalisation", steps: 300 },
    { task: "mnist1d/mlp", title: "A residual network, longer", steps: 2000 },
  ],
  byHand: ["constant", "cosine", "linear", "onecycle"],
  trials: 5,
  seeds: 3,
};

/** Seconds, to see that everything works: too short to say anything of the schedules. */
export const quickPlan: DemoPlan = {
  live: {
    generations: 3,
    options: { ...liveOptions, tasks: 2, pairs: 2, distribution: { shortest: 20, longest: 40 } },
  },
  comparisons: [
    { task: "mnist1d/cnn", title: "A convolutional network", steps: 150 },
    { task: "mnist1d/mlp", title: "A residual network, longer", steps: 400 },
  ],
  byHand: ["constant", "cosine"],
  trials: 2,
  seeds: 2,
  caution: "A quick run: everything works, and nothing can be said of the schedules yet",
};

/** The names that the learned schedules have in runs: two of the package, and the one that the demo learns. */
export const zooName = "zoo:default";
export const paperName = "zoo:paper";
export const liveName = "live";

export function isLearned(schedule: string): boolean {
  return [zooName, paperName, liveName].includes(schedule);
}

/** What people read. */
export function labelOf(schedule: string): string {
  return schedule === liveName ? "learned just now" : schedule;
}
