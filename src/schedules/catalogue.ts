import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { exponential } from "./exponential.ts";
import { hypergradientDescent } from "./hypergradient-descent.ts";
import { inverseSquareRoot } from "./inverse-square-root.ts";
import { l4 } from "./l4.ts";
import { linear } from "./linear.ts";
import { multiStep } from "./multi-step.ts";
import { unknownName } from "./nearest-name.ts";
import { oneCycle } from "./one-cycle.ts";
import { polynomial } from "./polynomial.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import type { Observed, RunContext, Schedule } from "./schedule.ts";
import { sgdr } from "./sgdr.ts";
import { sgdrBudget } from "./sgdr-budget.ts";
import { warmupStableDecay } from "./warmup-stable-decay.ts";

/** A schedule made by hand, by its name on the command line. One number of it is searched: the base rate. */
export type CatalogueEntry = {
  name: string;
  /** The base rate where none is searched: a learning rate, except for `l4`, where it is the fraction a. */
  baseRateDefault: number;
  /** Fields of the run's context without which `init` fails, with the default options. */
  needs: readonly (keyof RunContext)[];
  /** What `wants` may ask for beyond the loss. */
  observes: readonly (keyof Observed)[];
  /** @param options the other options of the schedule's own function; see `docs/schedules.md`. */
  create: (baseRate: number, options?: object) => Schedule<unknown>;
};

function entry(
  name: string,
  make: (options: { baseRate: number }) => Schedule<unknown>,
  baseRateDefault = 0.1,
  observes: readonly (keyof Observed)[] = [],
): CatalogueEntry {
  const create = (baseRate: number, options: object = {}): Schedule<unknown> =>
    make(typeof options === "object" ? { ...options, baseRate } : options);
  return {
    name,
    baseRateDefault,
    get needs() {
      return create(baseRateDefault).needs ?? [];
    },
    observes,
    create,
  };
}

/** Every schedule made by hand, in the order of `docs/schedules.md`. */
export const catalogue: readonly CatalogueEntry[] = [
  entry("constant", constant),
  entry("multistep", multiStep),
  entry("exponential", exponential),
  entry("polynomial", polynomial),
  entry("linear", linear),
  entry("cosine", cosine),
  entry("sgdr", sgdr),
  entry("sgdr-budget", sgdrBudget),
  entry("onecycle", oneCycle),
  entry("wsd", warmupStableDecay),
  entry("invsqrt", inverseSquareRoot),
  entry("plateau", reduceOnPlateau),
  entry("hd", hypergradientDescent, 0.001, ["gradientDotPreviousDirection"]),
  entry("l4", l4, 0.15, ["gradientDotDirection"]),
];

/**
 * The entry of that name.
 *
 * @throws {MlrSnetError} `UNKNOWN_NAME` with all names and the nearest.
 * @example
 * const schedule = scheduleNamed("cosine").create(0.1);
 * schedule.next(schedule.init({ totalSteps: 10 }), { step: 0, loss: 1 }).learningRate; // 0.1
 */
export function scheduleNamed(name: string): CatalogueEntry {
  const found = catalogue.find((entry) => entry.name === name);
  if (found) return found;
  throw unknownName(
    "schedule",
    name,
    catalogue.map((entry) => entry.name),
  );
}
