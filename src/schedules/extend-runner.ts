import { extendState } from "./extend.ts";
import type { ScheduleRunner } from "./runner.ts";

/**
 * Moves the end of the run, later or earlier, of a schedule that was told `totalSteps`: the rate goes on from where it is,
 * without a jump, and is at the new end where it would have been at the old one. Others stay as they are. What a schedule
 * was told in steps or epochs keeps its length. After it there is nothing to `undo`.
 *
 * @param totalSteps T of the whole run, more than the steps made so far.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if it is not, or where the rate has come to its end already.
 * @example
 * const runner = new ScheduleRunner(linear({ baseRate: 1 }), { totalSteps: 4 });
 * for (const loss of [2.3, 2.1]) runner.next({ loss });
 * runner.learningRate; // 0.75
 * extend(runner, 6);
 * runner.next({ loss: 2 }).learningRate; // 0.5
 * runner.next({ loss: 1.9 }).learningRate; // 0.375
 */
export function extend<State, Copy>(runner: ScheduleRunner<State, Copy>, totalSteps: number): void {
  runner.change((schedule, state, step) => extendState(schedule, state, step, totalSteps));
}
