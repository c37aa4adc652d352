/* What the guard answers to losses, for tests. */
import { Random } from "../src/random.ts";
import { startGuard } from "../src/schedules/guard/guard-state.ts";
import { type GuardAnswer, guardStep } from "../src/schedules/guard/guard-step.ts";
import { guardLimits } from "../src/schedules/guard/limits.ts";

export type Run = { totalSteps?: number; ratio?: number; canRollBack?: boolean };

/** What the guard answers to these losses, one a step, at rates of `ratio` times the usual one. */
export function answers(
  losses: readonly number[],
  { totalSteps, ratio = 1, canRollBack = true }: Run = {},
): GuardAnswer[] {
  let guard = startGuard();
  return losses.map((loss, step): GuardAnswer => {
    const answer = guardStep(guard, guardLimits, {
      step,
      loss,
      totalSteps: totalSteps ?? losses.length,
      canRollBack,
    });
    guard = { ...answer.guard, ratio };
    return answer;
  });
}

/** Where it did what. */
export function acts(of: readonly GuardAnswer[], ...kinds: readonly GuardAnswer["act"][]): number[] {
  return of.flatMap(({ act }, step) => (act && kinds.includes(act) ? [step] : []));
}
export const harm = (of: readonly GuardAnswer[]): number[] => acts(of, "rollback", "cut");
export const range = <T>(count: number, of: (step: number) => T): T[] =>
  Array.from({ length: count }, (_, t) => of(t));

/** A run that learns, with noise: from 2.4 down to 0.4. */
export const noise: Random = new Random(1, "guard");
export const learning: readonly number[] = range(
  300,
  (t) => (0.4 + 2 * Math.exp(-t / 60)) * (1 + 0.1 * noise.normal()),
);
