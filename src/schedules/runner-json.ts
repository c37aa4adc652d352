import { refuse } from "./checks.ts";
import type { Schedule } from "./schedule.ts";

/** Of the losses accumulated for the coming step: their sum, each times its weight, and the sum of the weights. */
export type Accumulated = { sum: number; count: number };

/** Where a runner stands. */
export type RunnerPosition<State> = {
  step: number;
  state: State;
  learningRate: number | null;
  accumulated: Accumulated;
};

/** A runner as JSON: parse it, give it to `resumeRunner`. */
export type RunnerJson = {
  kind: string;
  /** The schedule's, where it has one. */
  identity?: string | undefined;
} & RunnerPosition<unknown> & {
    /** Whether the run was begun with `WaysBack`, and so must go on with them. */
    canRollBack?: boolean | undefined;
  };

/**
 * What was saved, if it is a runner's and that of this schedule. Its identity is absent in states of earlier releases.
 *
 * @throws {MlrSnetError} `STATE_MISMATCH`, or `INVALID_ARGUMENT` where the run was begun with the ways back and is to go on
 *   without, or the other way round.
 */
export function checkSaved<State>(
  { kind = "custom", identity }: Schedule<State>,
  json: unknown,
  hasWays: boolean,
): RunnerPosition<State> {
  const saved = Object(json) as Partial<RunnerJson>;
  const { state, step, learningRate, canRollBack = false } = saved;
  const { sum, count } = Object(saved.accumulated) as Partial<Accumulated>;
  const isSame = saved.kind === kind && (saved.identity ?? identity) === (identity ?? saved.identity);
  if (!isSame || !Number.isInteger(step) || state === undefined || !Number.isFinite(count))
    refuse(
      `the whole saved state of \`${identity ?? kind}\``,
      `that of \`${saved.identity ?? saved.kind}\`: give the same options and file`,
      "STATE_MISMATCH",
    );
  if (canRollBack !== hasWays)
    refuse("`{ snapshot, rollback }` if the run began with them, and only then", hasWays ? "them" : "none");
  // JSON has null where a loss was not finite.
  return {
    step,
    state,
    learningRate,
    accumulated: { sum: sum ?? Number.NaN, count },
  } as RunnerPosition<State>;
}
