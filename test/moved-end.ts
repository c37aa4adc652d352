import { extend } from "../src/schedules/extend-runner.ts";
import { ScheduleRunner } from "../src/schedules/runner.ts";
import type { Schedule } from "../src/schedules/schedule.ts";

/** The rates of a run of 100 steps whose end is moved at `at`, by step; all losses are 1. */
export function ratesOf(
  schedule: Schedule<unknown>,
  at: number,
  totalSteps: number,
  context: object = {},
): { rates: number[]; events: [number, string][] } {
  const told = { totalSteps: 100, usualRate: 0.1, ...context };
  const runner = new ScheduleRunner(schedule, told);
  const rates: number[] = [];
  const events: [number, string][] = [];
  for (let step = 0; step <= totalSteps; step++) {
    if (step === at) extend(runner, totalSteps);
    const decision = runner.next({ loss: 1 });
    rates.push(decision.learningRate);
    for (const { step, kind } of decision.events ?? []) events.push([step, kind]);
  }
  return { rates, events };
}
