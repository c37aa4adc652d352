import { MlrSnetError } from "../../errors.ts";
import { checkCell } from "./config.ts";
import { parameterCount } from "./parameters.ts";
import type { ScheduleFile } from "./schedule-file.ts";

/**
 * The control for a learned schedule: the same cell with θ = 0, which says nothing, so that what is left is its form.
 *
 *     p_t = tanh 0 = 0,   u_t = 0,   α_t = start · a_t, in the units of the form
 *
 * It reads nothing, and is guarded as the schedule is. What a learned schedule does better than this, its network has
 * learned.
 *
 * @param start α_{-1} in the cell's units; default 8 times the usual rate, between `zoo:default`'s start and its ceiling.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for a cell of the sigmoid form, whose rate without θ is γ/2, or a start
 * outside floor and ceiling.
 */
export function withoutNetwork({ cell, provenance }: ScheduleFile, start = 8): ScheduleFile {
  const { output } = cell;
  if (output === "sigmoid")
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      "Expected a schedule of the integrating form, got one of the sigmoid form, which has no start.",
    );
  const own = checkCell({ ...cell, output: { ...output, start } });
  return {
    cell: own,
    snapshots: {
      switchRule: "fractions",
      fractions: [0],
      thetas: [new Float64Array(parameterCount(own))],
    },
    provenance: {
      name: "control:no-network",
      title: `the cell of ${provenance.name ?? "a learned schedule"} with a θ of zeros and start ${start}: nothing is learned`,
    },
  };
}
