import { refuse } from "./checks.ts";
import { show } from "./show.ts";

/**
 * How a loop of one's own keeps copies and goes back to them. The runner calls them itself, and holds at most two copies.
 *
 * @example
 * const weights = [1, 2];
 * const ways: WaysBack<number[]> = {
 *   snapshot: () => [...weights],
 *   rollback: (copy) => void weights.splice(0, 2, ...copy),
 * };
 * const runner = new ScheduleRunner(divergenceGuard(constant({ baseRate: 0.1 })), { totalSteps: 100 }, ways);
 * runner.next({ loss: 2.3 }).action === "snapshot"; // true
 * weights[0] = 5;
 * for (let times = 0; times < 5; times++) runner.next({ loss: Number.NaN }); // skipped, each
 * runner.next({ loss: Number.NaN }).action === "rollback"; // true
 * weights[0]; // 1
 */
export type WaysBack<Copy> = {
  /** A copy of all that a step depends on: weights, optimizer state with its count of updates, statistics, carried state. */
  snapshot(): Copy;
  /** Puts a copy in force. It may be asked for again, so it must stay as it is. */
  rollback(copy: Copy): void;
};

/** @throws {MlrSnetError} `INVALID_ARGUMENT` where one of the two is no function. */
export function checkWays<Copy>(ways: WaysBack<Copy> | undefined): WaysBack<Copy> | undefined {
  if (ways !== undefined)
    for (const name of ["snapshot", "rollback"] as const)
      if (typeof ways?.[name] !== "function") refuse(`\`${name}\` to be a function`, show(ways?.[name]));
  return ways;
}
