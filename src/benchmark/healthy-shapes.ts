import { drawNormals, type Random } from "../random.ts";

/** Numbers that a shape is drawn by, by name; what each means stands at the shape. */
export type ShapeValues = Readonly<Record<string, number>>;

/** A kind of losses that a guard must leave alone, as a small pure function. */
export type Shape = {
  /** The failure of today that it belongs to, F3 to F14. */
  failure: string;
  /**
   * What each number is drawn from: log-uniform where low > 0, else uniform; `steps`, `period`, `wait`, `every` are
   * rounded. Shares are of the whole run.
   */
  ranges: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** @returns losses [steps], and the steps that a guard may skip: those that were planted. */
  make(values: ShapeValues, steps: number, random: Random): { losses: Float64Array; planted?: number[] };
};

/** levels · exp(σ n_t): noise in proportion, so that losses stay above 0. */
function noisy(steps: number, level: (t: number) => number, noise: number, random: Random): Float64Array {
  const normals = drawNormals(random, steps);
  return normals.map((normal, t) => level(t) * (noise > 0 ? Math.exp(noise * normal) : 1));
}

/** A level that begins with one loss of its own. */
function after(first: number, losses: Float64Array): { losses: Float64Array } {
  losses[0] = first;
  return { losses };
}

/** From `start` to `end` in equal ratios. */
const between = (start: number, end: number, part: number): number => start * (end / start) ** part;

/** The healthy run of F10: `start` to `end` in equal ratios. */
const longRange = { steps: [5000, 20_000], start: [5, 12], end: [1, 4], noise: [0.02, 0.3] } as const;

function long({ start, end, noise }: ShapeValues, steps: number, random: Random): Float64Array {
  return noisy(steps, (t) => between(start!, end!, t / steps), noise!, random);
}

export const shapes: Readonly<Record<string, Shape>> = {
  /** One small loss, then always the same. An act is allowed. */
  constant: {
    failure: "F3",
    ranges: { steps: [300, 3000], first: [0.01, 0.5], level: [0.8, 5], noise: [0, 0.2] },
    make: ({ first, level, noise }, steps, random) =>
      after(
        first!,
        noisy(steps, () => level!, noise!, random),
      ),
  },
  /** A small first loss, then a fall. */
  decay: {
    failure: "F4",
    ranges: { steps: [300, 3000], first: [0.01, 0.6], start: [1, 4], falls: [0.5, 5], noise: [0, 0.3] },
    make: ({ first, start, falls, noise }, steps, random) =>
      after(
        first!,
        noisy(steps, (t) => start! * Math.exp((-falls! * t) / steps), noise!, random),
      ),
  },
  /** First a quarter of what comes later. */
  quarter: {
    failure: "F5",
    ranges: { steps: [300, 3000], share: [0.15, 0.4], level: [0.5, 5], fall: [0, 0.6], noise: [0, 0.2] },
    make: ({ share, level, fall, noise }, steps, random) =>
      after(
        share! * level!,
        noisy(steps, (t) => level! * (1 - (fall! * t) / steps), noise!, random),
      ),
  },
  /** `period` easy batches and `period` hard ones in turn, easy first; both fall e^falls-fold. */
  alternating: {
    failure: "F6",
    ranges: {
      ...{ steps: [400, 3000], easy: [0.03, 0.3], hard: [1, 4] },
      ...{ period: [1, 60], falls: [0.3, 3], noise: [0, 0.2] },
    },
    make: ({ easy, hard, period, falls, noise }, steps, random) => {
      const level = (t: number): number => (Math.floor(t / period!) % 2 === 0 ? easy! : hard!);
      return { losses: noisy(steps, (t) => level(t) * Math.exp((-falls! * t) / steps), noise!, random) };
    },
  },
  /** Small losses, and in a share of the batches, those with a rare class, a large one. */
  rare: {
    failure: "F7",
    ranges: {
      ...{ steps: [500, 4000], common: [0.005, 0.1], rare: [0.5, 3] },
      ...{ share: [0.005, 0.1], noise: [0, 0.5] },
    },
    make: ({ common, rare, share, noise }, steps, random) => {
      const isRare = Uint8Array.from({ length: steps }, () => (random.uniform() < share! ? 1 : 0));
      return { losses: noisy(steps, (t) => (isRare[t] ? rare! : common!), noise!, random) };
    },
  },
  /** Nothing is learned for `wait` steps; then the loss falls e-fold in `time` steps, to `end`. */
  "slow-start": {
    failure: "F8",
    ranges: {
      ...{ steps: [500, 3000], level: [0.69, 4.6], first: [0.95, 1], wait: [60, 400] },
      ...{ time: [50, 400], end: [0.1, 0.6], noise: [0, 0.05] },
    },
    make: ({ level, first, wait, time, end, noise }, steps, random) => {
      const fall = (t: number): number => end! + (1 - end!) * Math.exp(-Math.max(0, t - wait!) / time!);
      return after(
        first! * level!,
        noisy(steps, (t) => level! * fall(t), noise!, random),
      );
    },
  },
  /** Fine-tuning: the loss falls by the share `fall` in all. `nan` > 0: at that share of the run one loss is NaN. */
  "fine-tuning": {
    failure: "F9",
    ranges: {
      ...{ steps: [1000, 10_000], start: [0.05, 3], fall: [0.01, 0.15] },
      ...{ noise: [0, 0.3], nan: [-0.5, 0.98] },
    },
    make: ({ start, fall, noise, nan }, steps, random) => {
      const losses = noisy(
        steps,
        (t) => start! * (1 - fall! * (1 - Math.exp((-4 * t) / steps))),
        noise!,
        random,
      );
      return plant(losses, nan! > 0 ? [Math.round(nan! * steps)] : [], Number.NaN);
    },
  },
  /** A long run with one NaN. */
  "lone-nan": {
    failure: "F10",
    ranges: { ...longRange, at: [0.05, 0.97] },
    make: (values, steps, random) =>
      plant(long(values, steps, random), [Math.round(values.at! * steps)], Number.NaN),
  },
  /** A long run with one loss `times` the start. */
  "lone-outlier": {
    failure: "F10",
    ranges: { ...longRange, at: [0.05, 0.97], times: [2, 100] },
    make: (values, steps, random) =>
      plant(long(values, steps, random), [Math.round(values.at! * steps)], values.times! * values.start!),
  },
  /** A long run with a NaN every so many steps. */
  "many-nans": {
    failure: "F10",
    ranges: { ...longRange, every: [150, 1500] },
    make: (values, steps, random) => {
      const count = Math.floor((steps - 1) / values.every!);
      const at = Array.from({ length: count }, (_, index) => (index + 1) * values.every!);
      return plant(long(values, steps, random), at, Number.NaN);
    },
  },
  /** The loss rises slowly, by the share `rise`. An act is allowed that raises no rate and goes back to nothing old. */
  rising: {
    failure: "F11",
    ranges: { steps: [2000, 6000], start: [0.3, 5], rise: [0.01, 0.3], noise: [0, 0.2] },
    make: ({ start, rise, noise }, steps, random) => ({
      losses: noisy(steps, (t) => start! * (1 + (rise! * t) / steps), noise!, random),
    }),
  },
  /** From `start` to `before` at the share `at` of the run, where the task becomes harder: `jump` times that, and down to `end`. */
  curriculum: {
    failure: "F12",
    ranges: {
      ...{ steps: [500, 4000], start: [1.5, 5], before: [0.3, 1], at: [0.4, 0.85] },
      ...{ jump: [2, 3], end: [0.01, 0.2], noise: [0, 0.2] },
    },
    make: ({ start, before, at, jump, end, noise }, steps, random) => ({
      losses: noisy(
        steps,
        (t) =>
          t / steps < at!
            ? between(start!, before!, t / steps / at!)
            : between(jump! * before!, end!, (t / steps - at!) / (1 - at!)),
        noise!,
        random,
      ),
    }),
  },
  /** Up and down, as two networks in a game: level · e^(swing sin). */
  oscillation: {
    failure: "F12",
    ranges: {
      ...{ steps: [500, 4000], level: [0.3, 3], swing: [0.2, 1], period: [10, 500] },
      ...{ drift: [0, 0.5], noise: [0, 0.3] },
    },
    make: ({ level, swing, period, drift, noise }, steps, random) => ({
      losses: noisy(
        steps,
        (t) => level! * Math.exp(swing! * Math.sin((2 * Math.PI * t) / period!) - (drift! * t) / steps),
        noise!,
        random,
      ),
    }),
  },
  /** Log-normal losses whose median falls e^falls-fold. */
  "log-normal": {
    failure: "F12",
    ranges: { steps: [500, 4000], start: [0.5, 4], falls: [0, 3], noise: [1, 1.6] },
    make: ({ start, falls, noise }, steps, random) => ({
      losses: noisy(steps, (t) => start! * Math.exp((-falls! * t) / steps), noise!, random),
    }),
  },
  /** As with 90 % of the labels at random: normal noise around a level that hardly falls. */
  "label-noise": {
    failure: "F12",
    ranges: { steps: [500, 4000], level: [1, 5], fall: [0, 0.05], noise: [0.02, 0.3] },
    make: ({ level, fall, noise }, steps, random) => ({
      losses: drawNormals(random, steps).map(
        (normal, t) => level! * (1 - (fall! * t) / steps + noise! * normal),
      ),
    }),
  },
};

function plant(
  losses: Float64Array,
  at: number[],
  value: number,
): { losses: Float64Array; planted: number[] } {
  for (const step of at) losses[step] = value;
  return { losses, planted: at };
}
