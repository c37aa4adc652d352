import { needed, refuse } from "../checks.ts";
import type { RunContext } from "../schedule.ts";
import type { Snapshots, SwitchRule } from "./schedule-file.ts";

/** When snapshots take turns; JSON-safe. */
export type Turns = {
  /** First step of every snapshot. */
  starts: number[];
  /** T, of which the turns are parts; absent where there is one snapshot. */
  totalSteps?: number;
};

/** What of the run's context the turns are counted in. */
export function needsOfTurns({ fractions }: Snapshots, rule: SwitchRule): (keyof RunContext)[] {
  if (fractions.length === 1) return [];
  return rule === "fractions" ? ["totalSteps"] : ["epochs", "stepsPerEpoch"];
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT` where the context lacks that, or has fewer epochs than there are snapshots. */
export function turnsOf({ fractions }: Snapshots, rule: SwitchRule, context: RunContext): Turns {
  const count = fractions.length;
  if (count === 1) return { starts: [0] };
  const { epochs, stepsPerEpoch } = context;
  const counted = epochs !== undefined && stepsPerEpoch !== undefined ? epochs * stepsPerEpoch : undefined;
  if (rule === "epoch-thirds") {
    const epochs = needed(context, "epochs");
    if (epochs < count)
      refuse(
        `a run of at least ${count} epochs, one for each snapshot`,
        `${epochs}: train longer, or switch by \`fractions\` of the run`,
      );
    const stepsPerEpoch = needed(context, "stepsPerEpoch");
    const starts = fractions.map((_, index) => index * Math.floor(epochs / count) * stepsPerEpoch);
    return { starts, totalSteps: context.totalSteps ?? epochs * stepsPerEpoch };
  }
  const totalSteps = context.totalSteps ?? counted ?? needed(context, "totalSteps");
  return { starts: fractions.map((fraction) => Math.floor(fraction * totalSteps)), totalSteps };
}

/** The last snapshot that has started. */
export function snapshotAt(starts: readonly number[], step: number): number {
  return starts.findLastIndex((start) => start <= step);
}

/** The end of the run moved to T' at a step: the turns to come take the same parts of what is left. */
export function extendTurns({ starts, totalSteps: end }: Turns, step: number, totalSteps: number): Turns {
  if (end === undefined) return { starts };
  const moved = (start: number): number =>
    start <= step || step >= end
      ? start
      : Math.ceil(step + ((start - step) * (totalSteps - step)) / (end - step));
  return { starts: starts.map(moved), totalSteps };
}
