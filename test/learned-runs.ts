/* Learned schedules for tests, and runs of ten losses that they drive. */

import type { CellConfig } from "../src/schedules/mlr-snet/config.ts";
import { initialiseParameters } from "../src/schedules/mlr-snet/initialise.ts";
import type { MlrSnetState } from "../src/schedules/mlr-snet/learned-state.ts";
import { presets } from "../src/schedules/mlr-snet/presets.ts";
import { equalFractions, type ScheduleFile } from "../src/schedules/mlr-snet/schedule-file.ts";
import type { RunContext, Schedule, ScheduleEvent } from "../src/schedules/schedule.ts";

/** A small cell of the released form. */
export const cell: CellConfig = { ...presets["meta-test"], hidden: 4, middle: 3 };

/** So many snapshots with random θ. */
export function fileOf(count: number, change: Partial<CellConfig> = {}): ScheduleFile {
  const thetas = Array.from({ length: count }, (_, seed) => initialiseParameters(cell, seed));
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(count), thetas };
  return { cell: { ...cell, ...change }, snapshots, provenance: {} };
}

export type Run = {
  rates: number[];
  gammas: (number | null)[];
  snapshots: number[];
  events: ScheduleEvent[];
};

/** Ten steps, or as many as there are losses; `trainingSetLoss` wherever it is wanted. */
export function drive(
  schedule: Schedule<MlrSnetState>,
  context: RunContext,
  trainingSetLoss?: number,
  losses: readonly number[] = tenLosses,
): Run {
  let state = schedule.init(context);
  const run: Run = { rates: [], gammas: [], snapshots: [], events: [] };
  for (const [step, loss] of losses.entries()) {
    const wanted = schedule.wants!(state, step).length > 0;
    const extra = wanted && trainingSetLoss !== undefined ? { trainingSetLoss } : {};
    const decision = schedule.next(state, { step, loss, ...extra });
    state = decision.state;
    run.rates.push(decision.learningRate);
    run.gammas.push(state.gamma);
    run.snapshots.push(state.snapshot);
    run.events.push(...(decision.events ?? []));
  }
  return run;
}

export const tenLosses: readonly number[] = Array.from({ length: 10 }, (_, step) => 2.3 / (1 + step));

/** Networks whose readout is a bias alone, so that tanh z is known: 0.5, then -0.5. */
export function integrating(change: Partial<CellConfig> = {}): ScheduleFile {
  const transfer: CellConfig = { ...presets.transfer, ...change };
  const thetas = [0.5, -0.5].map((p, seed) => {
    const theta = initialiseParameters(transfer, seed);
    theta.fill(0, theta.length - 1 - transfer.hidden);
    theta[theta.length - 1] = Math.atanh(p);
    return theta;
  });
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(2), thetas };
  return { cell: transfer, snapshots, provenance: {} };
}
