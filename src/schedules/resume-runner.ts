import { ScheduleRunner } from "./runner.ts";
import { checkSaved } from "./runner-json.ts";
import type { Schedule } from "./schedule.ts";
import type { WaysBack } from "./ways-back.ts";

/**
 * The runner as it was saved by `JSON.stringify(runner)`. The schedule must be made with the same options, or from the same
 * file.
 *
 * @param json what `JSON.parse` gave.
 * @throws {MlrSnetError} `STATE_MISMATCH` if it is not a runner's, or is that of another schedule.
 */
export function resumeRunner<State, Copy = unknown>(
  schedule: Schedule<State>,
  json: unknown,
  ways?: WaysBack<Copy>,
): ScheduleRunner<State, Copy> {
  // The state holds what `init` took from the context, so no context is needed here.
  return new ScheduleRunner(schedule, {}, ways, checkSaved(schedule, json, ways !== undefined));
}
