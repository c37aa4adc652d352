import {
  checkChoice,
  checkCount,
  checkFraction,
  checkNumber,
  checkOptionNames,
  checkPositive,
  type OptionNames,
  quantity,
} from "./checks.ts";
import { identityOf } from "./checksum.ts";
import type { RunContext, Schedule, ScheduleEvent } from "./schedule.ts";
import { checkSpan, epochsOrFraction, needsOf, type Span, stepsOf } from "./span.ts";

export type ReduceOnPlateauOptions = {
  /** α_0 > 0: the rate before the first reduction. */
  baseRate: number;
  /**
   * What has to fall: the mean mini-batch loss since the last check (default), or a value that the loop measures at
   * each check.
   */
  metric?: "loss" | "validationLoss" | "trainingSetLoss";
  /** E: how often to check; default every epoch, or 1/200 of the run where the epoch is not known. */
  every?: Span;
  /** ρ in (0, 1): what a reduction multiplies the rate by; default 0.1. */
  factor?: number;
  /** Number of checks without improvement that are tolerated; default 10. */
  patience?: number;
  /** δ in [0, 1]: an improvement is a metric below the best by more than δ times its absolute value; default 1e-4. */
  threshold?: number;
  /** Number of checks after a reduction that do not count; default 0. */
  cooldown?: number;
  /** The lowest rate, as a fraction of the base rate; default 0. */
  floorFraction?: number;
};

const optionNames: OptionNames<ReduceOnPlateauOptions> = {
  baseRate: true,
  metric: true,
  every: true,
  factor: true,
  patience: true,
  threshold: true,
  cooldown: true,
  floorFraction: true,
};

export type ReduceOnPlateauState = {
  learningRate: number;
  /** The lowest metric so far; null before the first check. */
  best: number | null;
  /** Checks since the last improvement. */
  badChecks: number;
  /** Checks of the cool-down that are left. */
  cooldown: number;
  /** Sum of the losses since the last check; stays 0 for a metric that the loop measures. */
  lossSum: number;
  /** E in steps. */
  every: number;
};

/**
 * Lowers the rate when a loss has stopped falling.
 *
 *     α_t = max(φ α_0, ρ · α_{t-1})   at a check that is one more than `patience` without improvement
 *     α_t = α_{t-1}                   otherwise
 *
 * Checks are at steps E, 2E, ... before the update of that step; φ is the floor fraction. An event reports each
 * reduction; at the floor there is none. The metric may be negative. With `metric: "validationLoss"` the loop has to measure it at those steps, and only there.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range, or if the run's context has neither
 *   `stepsPerEpoch` nor `totalSteps` and `every` is not given in steps. From `next`: `MISSING_OBSERVATION` if the
 *   metric is missing at a check, `NOT_FINITE` if it is NaN or infinite.
 * @see PyTorch's `ReduceLROnPlateau` (mode min, relative threshold), whose defaults these are; its threshold is relative to
 *   the best itself, which takes any negative loss for an improvement.
 * @example
 * const schedule = reduceOnPlateau({ baseRate: 1, every: { steps: 1 }, patience: 0, metric: "validationLoss" });
 * let state = schedule.init({});
 * for (const [step, validationLoss] of [2, 1.5, 1.6].entries())
 *   state = schedule.next(state, { step, loss: 1, validationLoss }).state;
 * state.learningRate; // 0.1, after 1.6 at step 2
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions): Schedule<ReduceOnPlateauState> {
  checkOptionNames("`reduceOnPlateau`", options, optionNames);
  const baseRate = checkPositive("baseRate", options.baseRate);
  const metric = checkChoice("metric", options.metric ?? "loss", [
    "loss",
    "validationLoss",
    "trainingSetLoss",
  ]);
  const factor = checkNumber("factor", options.factor ?? 0.1, "a number > 0 and < 1", (x) => x > 0 && x < 1);
  const patience = checkCount("patience", options.patience ?? 10, 0);
  const threshold = checkFraction("threshold", options.threshold ?? 1e-4);
  const cooldown = checkCount("cooldown", options.cooldown ?? 0, 0);
  const floorFraction = checkFraction("floorFraction", options.floorFraction ?? 0);
  const floor = baseRate * floorFraction;
  const settings = { baseRate, metric, factor, patience, threshold, cooldown, floorFraction };
  const every = options.every ? checkSpan("every", options.every) : null;
  const period = (context: RunContext): number =>
    every ? Math.max(1, stepsOf(every, context)) : epochsOrFraction(1, 0.005, context);
  const isCheck = (state: ReduceOnPlateauState, step: number): boolean =>
    step > 0 && step % state.every === 0;

  return {
    kind: "plateau",
    identity: identityOf("plateau", { ...settings, every }),
    needs: every ? needsOf(every) : ["totalSteps"],
    extend: (state) => state, // it has no end: T was the measure of E, which stays
    init: (context) => ({
      learningRate: baseRate,
      best: null,
      badChecks: 0,
      cooldown: 0,
      lossSum: 0,
      every: period(context),
    }),
    wants: (state, step) => (metric !== "loss" && isCheck(state, step) ? [metric] : []),
    next(before, observed) {
      const state = { ...before };
      const { step } = observed;
      const events: ScheduleEvent[] = [];
      if (isCheck(state, step)) {
        const value = metric === "loss" ? state.lossSum / state.every : quantity(observed, metric);
        const improved = state.best === null || value < state.best * (1 - Math.sign(state.best) * threshold);
        if (improved) state.best = value;
        state.badChecks = improved || state.cooldown > 0 ? 0 : state.badChecks + 1;
        state.cooldown = Math.max(0, state.cooldown - 1);
        const lower = Math.max(floor, factor * state.learningRate);
        if (state.badChecks > patience) {
          const message = `${metric} has not improved on ${state.best} for ${state.badChecks} checks: rate ${state.learningRate} -> ${lower}.`;
          if (lower < state.learningRate) events.push({ step, kind: "rate-reduced", message });
          state.learningRate = lower;
          state.badChecks = 0;
          state.cooldown = cooldown;
        }
        state.lossSum = 0;
      }
      if (metric === "loss") state.lossSum += quantity(observed, "loss");
      return { learningRate: state.learningRate, state, ...(events.length > 0 && { events }) };
    },
  };
}
