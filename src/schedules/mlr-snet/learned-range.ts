import { checkCount, checkNotNegative, checkNumber, quantity, refuse } from "../checks.ts";
import type { Observed, RunContext } from "../schedule.ts";
import type { CellConfig } from "./config.ts";
import { checkGammaGuard, type GammaGuard, guardedGamma } from "./gamma.ts";
import type { MlrSnetState } from "./learned-state.ts";

/** Says what happened at this step, as an event. */
export type Note = (kind: string, message: string) => void;

/** What γ is in a run. */
export type RangeRule = {
  /** Whether γ is computed, from L0 and C. */
  isComputed: boolean;
  /** γ that was given, or null. */
  fixed: number | null;
  guard: GammaGuard;
  /** γ at this step: of the first step, of a switch, or as it was. */
  at(state: MlrSnetState, observed: Observed, snapshot: number, note: Note): number | null;
};

/**
 * γ of a learned schedule: computed, at the first step from L0 and at a switch of snapshots from `trainingSetLoss`; or given;
 * and none in the integrating form.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for a γ that is no number > 0, or given to the integrating form.
 */
export function rangeRule(
  cell: CellConfig,
  gamma: number | undefined,
  given: GammaGuard | undefined,
): RangeRule {
  const guard = checkGammaGuard(given);
  const isFree = cell.output !== "sigmoid";
  const rule = isFree ? "absent for the integrating form" : "a number > 0";
  const fixed = gamma === undefined ? null : checkNumber("gamma", gamma, rule, (γ) => γ > 0 && !isFree);
  const isComputed = fixed === null && !isFree;
  return {
    isComputed,
    fixed,
    guard,
    at({ gamma, initialLoss, classes, snapshot: before }, observed, snapshot, note) {
      const compute = (loss: number): number => {
        const { gamma, warning } = guardedGamma(checkInitialLoss(loss), classes!, cell.range, guard);
        if (warning !== undefined) note("gamma-guard", warning);
        return gamma;
      };
      if (!isComputed) return fixed;
      if (gamma === null) {
        if (initialLoss === null)
          note("initial-loss-missing", "γ is taken from the first loss: no `initialLoss` was given.");
        return compute(initialLoss ?? observed.loss);
      }
      if (snapshot === before) return gamma;
      if (observed.trainingSetLoss !== undefined) return compute(quantity(observed, "trainingSetLoss"));
      const message = `γ stays ${gamma} at the switch to snapshot ${snapshot}: no \`trainingSetLoss\` was given.`;
      note("gamma-kept", message);
      return gamma;
    },
  };
}

/** L0, or null where the context does not say it: the first loss stands in for it then. */
export function initialLossOf({ initialLoss }: RunContext): number | null {
  return initialLoss === undefined ? null : checkInitialLoss(initialLoss);
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT`, of a loss below 0 with what to do instead. */
function checkInitialLoss(loss: number): number {
  return loss < 0
    ? refuse(
        "the loss of the untrained network, and at a switch of snapshots, to be 0 or above",
        `${loss}: γ is computed from it. Add a constant to the loss, which changes no gradient, fix \`gamma\`, or use zoo:default`,
      )
    : checkNotNegative("initialLoss", loss);
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT`, of a run without classes with what to do instead. */
export function knownClasses(classes: number | undefined, isComputed: boolean): number {
  return classes === undefined
    ? refuse(
        "`classes` to be an integer >= 2",
        `none: this schedule ${isComputed ? "computes its range γ from it" : "reads the loss in units of its logarithm"}. Where there are none, as in a regression, ${isComputed ? "fix `gamma`, or " : ""}use zoo:default`,
      )
    : checkCount("classes", classes, 2);
}
