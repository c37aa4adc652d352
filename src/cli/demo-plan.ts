import { type LongHorizonOptions, longHorizonDefaults } from "../meta/index.ts";
import { presets } from "../schedules/index.ts";

/** One comparison of the demo. */
export type PlannedComparison = { task: string; title: string; steps: number };

/** The numbers of a demo. */
export type DemoPlan = {
  /** What is learned while one watches. */
  live: { generations: number; options: Omit<LongHorizonOptions, "seed"> };
  comparisons: readonly PlannedComparison[];
  byHand: readonly string[];
  trials: number;
  seeds: number;
  /** Where people wait: what is cut rather than that they wait longer. Without it all is done, however long it takes. */
  budget?: DemoBudget;
  /** What to beware of, in one sentence; the report's title where it stands. */
  caution?: string;
};

/** Seconds, and what may be cut for them: of a comparison the same for all schedules. */
export type DemoBudget = {
  /** Of learning: after these no generation is begun. */
  learning: number;
  /** Since the demo's beginning: what the lengths of the trainings are planned for, with the fewest seeds. */
  aim: number;
  /**
   * Since then too: more seeds may take so long, and a comparison that was planned wrong, as where other work comes to the machine.
   * What is not done by then is left out, but for the first comparison.
   */
  limit: number;
  leastSeeds: number;
  /** Shares of the planned steps, the largest first, of which the first that fits is taken. */
  shares: readonly number[];
};

/** A schedule of the demo: its name in runs, and where it is found: a file's path, `zoo:NAME`, or a name of the catalogue. */
export type DemoSchedule = { name: string; source: string; isSearched: boolean };

/**
 * Small enough for a minute or two of learning: a quarter of the units of `zoo:default`, half of its inputs, greater steps.
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

/** Of each final run on test data, for the report's curves. */
export const evaluations = 20;

/** All of it, for figures that can be had again, however long it takes. */
export const fullPlan: DemoPlan = {
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

/** What people wait for: three minutes, of which a build before it and the report take some seconds. */
export const demoPlan: DemoPlan = {
  ...fullPlan,
  budget: {
    ...{ learning: 50, aim: 146, limit: 160, leastSeeds: 2 },
    shares: [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3],
  },
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

/** @param liveFile of the schedule that the demo has learned. @returns the learned ones first. */
export function schedulesOf({ byHand }: Pick<DemoPlan, "byHand">, liveFile: string): DemoSchedule[] {
  return [
    { name: zooName, source: zooName, isSearched: false },
    { name: paperName, source: paperName, isSearched: false },
    { name: liveName, source: liveFile, isSearched: false },
    ...byHand.map((name) => ({ name, source: name, isSearched: true })),
  ];
}

export function isLearned(schedule: string): boolean {
  return [zooName, paperName, liveName].includes(schedule);
}

/** What people read. */
export function labelOf(schedule: string): string {
  return schedule === liveName ? "learned just now" : schedule;
}
