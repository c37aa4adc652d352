import {
  actEvent,
  areFinite,
  freshWatch,
  isTimeToKeep,
  type LossWatch,
  startWatch,
  watchLoss,
} from "../loss-watch.ts";
import type { Decision, Schedule } from "../schedule.ts";
import type { Memory } from "./cell.ts";
import type { CellConfig } from "./config.ts";
import type { History } from "./inputs.ts";
import type { MlrSnetState } from "./learned-schedule.ts";
import type { IntegratingOutput } from "./output.ts";

/** What a watch over the losses leads to. JSON-safe. */
export type Guarding = {
  watch: LossWatch;
  /** Step of the last good weights; null while there are none. */
  keptAt: number | null;
  /** How often it went back. */
  acts: number;
};

/** What a schedule that backs off remembers beside its own memory, and that memory as it was when weights were last kept. */
export type Guard = Guarding & { kept: { memory: Memory; history: History } | null };

/** Whether a cell's schedules go back to kept weights. */
export function backsOff({ output }: CellConfig): boolean {
  return output !== "sigmoid" && output.backOff !== undefined;
}

/** Before the first step. It reads the losses alone: the first one stands for what guessing loses. */
export function startGuarding(): Guarding {
  return { watch: startWatch({}), keptAt: null, acts: 0 };
}

/** Steps without anything learned that are a collapse, doubled by each act. @param totalSteps T, or null where the cell does not know it, which counts as 0. */
export function patienceOf(totalSteps: number | null): number {
  return Math.max(25, Math.ceil(totalSteps! / 20));
}

/**
 * One loss more, and what is to be done: to keep the weights that it belongs to, or to go back to those kept.
 *
 * @param logRate u_{t-1}; at the floor there is no going back: a run that is lost there is not lost by its rates.
 * @returns `sign`: why to go back, in words.
 */
export function guardStep(
  { watch: before, keptAt, acts }: Guarding,
  { floor, start }: IntegratingOutput,
  {
    step,
    loss,
    logRate,
    totalSteps,
  }: { step: number; loss: number } & Pick<History, "logRate" | "totalSteps">,
): { guarding: Guarding; act?: "keep" | "restore"; sign?: string } {
  // Noise that looks like a sign must not turn the rate down again and again: each act doubles the limits.
  const { watch, sign, good } = Number.isFinite(loss)
    ? watchLoss(before, loss, patienceOf(totalSteps), 2 ** acts)
    : { watch: before, sign: "loss not finite" };
  // Above the floor by more than float32 may err.
  if (sign && keptAt !== null && logRate > Math.log(floor / start) + 1e-3) {
    // What the kept weights lose is the new measure: nearly the best; or, untrained, the largest of what they have lost.
    const fresh = keptAt ? freshWatch(watch.floor, watch.best) : freshWatch(null, watch.floor!);
    return { guarding: { watch: fresh, keptAt, acts: acts + 1 }, act: "restore", sign };
  }
  // While the rate still rises weights may be spoiled before the loss shows it, so for a quarter of the run, or 100 steps,
  // the untrained ones are what it goes back to.
  const keep = !sign && isTimeToKeep(keptAt, good && step >= (totalSteps ?? 400) / 4, step);
  return { guarding: { watch, keptAt: keep ? step : keptAt, acts }, ...(keep && { act: "keep" }) };
}

/** What a step that goes back changes in the kept history, beside the count of steps: the rate is ρ times the highest since. */
export function backedOff(
  { backOff, floor, start }: IntegratingOutput,
  { logInitialLoss, peak }: Pick<History, "logInitialLoss" | "peak">,
): Pick<History, "logInitialLoss" | "logRate" | "peak" | "failed"> {
  const logRate = Math.max(Math.log(floor / start), peak + Math.log(backOff!));
  return { logInitialLoss, logRate, peak: logRate, failed: peak };
}

/**
 * A learned schedule of the integrating form that backs off:
 *
 *     where losses surge, collapse (see `watchLoss`) or are not finite:   α_t = 0, action `restore`,
 *     u_t = max(v + ln ρ, ln(floor/start)),   v: the highest u since weights were kept
 *
 * The loop goes back to the weights of the last action `keep`, and the schedule to its memory of that step, but for the
 * count of steps, L_0, u, and v, which the input `headroom` reads. So it may look for the highest rate that a task bears, and is
 * meta-trained to. A loop that ignores the actions gets lower rates all the same.
 */
export function backingOff(schedule: Schedule<MlrSnetState>, cell: CellConfig): Schedule<MlrSnetState> {
  const output = cell.output as IntegratingOutput;
  const observe = (guard: Guard, history: History, step: number, loss: number) =>
    guardStep(guard, output, { ...history, step, loss });
  return {
    ...schedule,
    init: (context) => ({ ...schedule.init(context), guard: { ...startGuarding(), kept: null } }),
    restores: ({ guard, history }) =>
      !!guard?.kept && !!history && observe(guard, history, 0, Number.NaN).act === "restore",
    next(before, observed): Decision<MlrSnetState> {
      const { guard, history } = before;
      if (observed.loss === undefined) return schedule.next(before, observed); // which refuses it, as it does this one:
      if (!guard?.watch || !guard.kept !== (guard.keptAt === null) || !history)
        return schedule.next({ ...before, starts: [] }, observed);
      const { guarding, act, sign } = observe(
        guard,
        history,
        observed.step,
        areFinite(observed) ? observed.loss : Number.NaN,
      );
      if (act === "restore") {
        const { memory, history: kept } = guard.kept!;
        const changed = backedOff(output, history);
        const { step, logInitialGradientNorm } = history;
        const initial = logInitialGradientNorm !== undefined && { logInitialGradientNorm };
        const after = { ...kept, ...initial, ...changed, step: step + 1 };
        const factor = Math.exp(changed.logRate - history.logRate);
        return {
          learningRate: 0,
          action: "restore",
          state: { ...before, memory, history: after, guard: { ...guarding, kept: guard.kept } },
          events: [actEvent(observed.step, sign!, factor, guard.keptAt!)],
        };
      }
      const { state: after, ...decision } = schedule.next(before, observed);
      const { logRate } = after.history!;
      const keep = act === "keep";
      const peak = keep ? logRate : Math.max(history.peak, logRate);
      const kept = keep ? { memory: before.memory, history } : guard.kept;
      return {
        ...decision,
        ...(keep && { action: act }),
        state: { ...after, history: { ...after.history!, peak }, guard: { ...guarding, kept } },
      };
    },
  };
}
