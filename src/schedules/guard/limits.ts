import { checkNumber } from "../checks.ts";

/** A limit for rates that are usual or lower, and the sharper one for rates of four times the usual and more. */
export type LimitPair = readonly [usual: number, large: number];

/**
 * All limits of the guard, as data. A run is judged by its own losses: no limit has the unit of a loss, and adding a
 * constant to all losses, or multiplying them, changes no decision. See `docs/guard.md` for what each is for.
 */
export type GuardLimits = {
  /** ρ in (0, 1): what an act multiplies the rate by. */
  cut: number;
  /** So many acts, and no more. */
  mostActs: number;
  /** Least factor: at this there is no act. */
  leastFactor: number;
  /** τ: steps in which the factor recovers by e, as a part of T (2000 steps where T is not known), doubled by each further act. */
  recovery: number;
  /** τ is at least so many steps. */
  leastRecovery: number;
  /** Losses before one can be a hit; at so many times the usual rate, which is absurd, one is enough. */
  settle: number;
  absurd: number;
  /** A loss is a hit if it lies more than so many reaches above the ceiling. */
  hit: number;
  /** Hits that are an explosion, times √2 by each act. */
  explosion: LimitPair;
  /** How much their excesses must differ, in units of their mean: data that have become harder do not. */
  wild: number;
  /** Losses in a row that are not finite, up to which each is a step skipped. */
  notFinite: LimitPair;
  /** So many more right after going back: weights that were good before do not make such losses. */
  notFiniteAgain: number;
  /** At so many times the usual rate a loss between so many reaches above the ceiling is a question: skipped, so that another batch tells. */
  suspicious: number;
  /** And only in this part of T (of 2000 steps where T is not known), while rates are still found. */
  asksUntil: number;
  question: readonly [least: number, most: number];
  /** The answer is yes if so many batches are all above the ceiling, in the mean by so many reaches. */
  answers: number;
  yes: number;
  /** A lone loss so many reaches above the ceiling is skipped, once so many losses were seen. */
  outlier: number;
  outlierAfter: number;
  /** How far the level must have fallen, in units of the noise, for something to have been learned. */
  learned: LimitPair;
  /** The part of it that must be lost for a run to be stalled, and the part of that which, come back, ends it. */
  lost: number;
  regained: number;
  /** Steps that a run must be stalled for, as a part of T; doubled by each act. */
  patience: LimitPair;
  /** And at least. */
  leastPatience: LimitPair;
  /** Below this part of its noise a run is silent, as networks are that died; for these the limits are others. */
  silent: number;
  learnedSilent: LimitPair;
  patienceSilent: LimitPair;
  leastPatienceSilent: LimitPair;
  /** At so many times the usual rate losses that rose at the start are stalled if they have not come back after `stall` T steps, and at least. */
  reckless: number;
  stall: number;
  leastStall: number;
  /** Steps between two copies, as a part of T, and at least. */
  copyEvery: number;
  leastCopyEvery: number;
  /** Age of a copy, as a part of T (of the steps so far, where T is not known), up to which a loss that is finite leads back to it. */
  oldest: number;
  leastOldest: number;
  /** Losses after going back that tell whether the weights had been spoiled or the data have changed. */
  probation: number;
};

/**
 * Fitted on the part `fit` of the manifest of healthy runs, for what is left alone; and for what is noticed, on whether runs
 * of the table of the guard's cost and of the development suite that are lost without a guard come back with it.
 */
export const guardLimits: GuardLimits = {
  cut: 1 / 4,
  mostActs: 8,
  leastFactor: 1e-5,
  recovery: 1 / 2,
  leastRecovery: 100,
  settle: 4,
  absurd: 60,
  hit: 2,
  explosion: [12, 3],
  wild: 0.25,
  notFinite: [5, 2],
  notFiniteAgain: 15,
  suspicious: 4,
  asksUntil: 1 / 4,
  question: [0.5, 12],
  answers: 4,
  yes: 0.5,
  outlier: 20,
  outlierAfter: 20,
  learned: [6, 2.5],
  lost: 0.8,
  regained: 0.15,
  patience: [1 / 10, 1 / 10],
  leastPatience: [150, 40],
  silent: 0.4,
  learnedSilent: [3, 1],
  patienceSilent: [1 / 10, 1 / 40],
  leastPatienceSilent: [150, 15],
  reckless: 36,
  stall: 1 / 40,
  leastStall: 10,
  copyEvery: 1 / 100,
  leastCopyEvery: 100,
  oldest: 1 / 10,
  leastOldest: 200,
  probation: 5,
};

/** The limit at a rate of `ratio` times the usual: between the two of a pair in equal ratios. */
export function limitAt([usual, large]: LimitPair, ratio: number): number {
  const share = Math.max(0, Math.min(1, Math.log(ratio) / Math.log(4)));
  return usual * (large / usual) ** share;
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT` for a limit that is out of range. */
export function checkLimits(given: Partial<GuardLimits> = {}): GuardLimits {
  const limits = { ...guardLimits, ...given };
  checkNumber("cut", limits.cut, "a number > 0 and < 1", (x) => x > 0 && x < 1);
  for (const [name, limit] of Object.entries(limits))
    for (const value of [limit].flat()) checkNumber(name, value, "a number > 0", (x) => x > 0);
  return limits;
}
