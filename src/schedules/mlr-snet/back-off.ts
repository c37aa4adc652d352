import { MlrSnetError } from "../../errors.ts";
import {
  freshWatch,
  isTimeToKeep,
  type LossWatch,
  restoredEvent,
  signOf,
  startWatch,
  watchLoss,
} from "../loss-watch.ts";
import type { Decision, Schedule } from "../schedule.ts";
import type { Memory } from "./cell.ts";
import { type CellConfig, needsHorizon } from "./config.ts";
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

/** Sharper than for any schedule: no restarts need be allowed for, and a false alarm costs a learned schedule little. */
const sharp = { missed: 0.6, surgeLimit: 20 } as const;

/** Before the first step. It reads the losses alone: the first one stands for what guessing loses. */
export function startGuarding(): Guarding {
  return { watch: startWatch({}), keptAt: null, acts: 0 };
}

/** Steps without anything learned that are a collapse, doubled by each act. @param totalSteps T, or null where the cell does not know it. */
export function patienceOf(totalSteps: number | null): number {
  return Math.max(25, Math.ceil((totalSteps ?? 0) / 20));
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
  { step, loss, logRate, patience }: { step: number; loss: number; logRate: number; patience: number },
): { guarding: Guarding; act?: "keep" | "restore"; sign?: string } {
  // By more than float32 may err.
  const canGoBack = keptAt !== null && logRate > Math.log(floor / start) + 1e-3;
  // The losses of the kept weights are the new measure.
  const goBack = (sign: string, { floor, best }: LossWatch) =>
    ({ guarding: { watch: freshWatch(floor, best), keptAt, acts: acts + 1 }, act: "restore", sign }) as const;
  if (!Number.isFinite(loss))
    return canGoBack ? goBack("loss not finite", before) : { guarding: { watch: before, keptAt, acts } };
  const { watch, verdict } = watchLoss(before, loss, { patience: patience * 2 ** acts, ...sharp });
  const sign = signOf(verdict, watch, loss);
  if (sign !== undefined && canGoBack) return goBack(sign, watch);
  return isTimeToKeep(keptAt, verdict, step)
    ? { guarding: { watch, keptAt: step, acts }, act: "keep" }
    : { guarding: { watch, keptAt, acts } };
}

/** u where rates are taken back that were e^peak at the highest. */
export function backedOff({ backOff, floor, start }: IntegratingOutput, peak: number): number {
  return Math.max(Math.log(floor / start), peak + Math.log(backOff!));
}

/**
 * A learned schedule of the integrating form that backs off:
 *
 *     where losses surge, collapse (see `watchLoss`) or are not finite:   α_t = 0, action `restore`,
 *     u_t = max(v + ln ρ, ln(floor/start)),   v: the highest u since weights were kept
 *
 * The loop goes back to the weights of the last action `keep`, and the schedule to its memory of that step, but for u
 * and v, which the input `headroom` reads. So it may look for the highest rate that a task bears, and is
 * meta-trained to. A loop that ignores the actions gets lower rates all the same.
 */
export function backingOff(schedule: Schedule<MlrSnetState>, cell: CellConfig): Schedule<MlrSnetState> {
  const output = cell.output as IntegratingOutput;
  const knowsHorizon = needsHorizon(cell);
  const whole = ({ guard, history }: MlrSnetState): { guard: Guard; history: History } => {
    if (guard && history) return { guard, history };
    throw new MlrSnetError("STATE_MISMATCH", "Expected the state of a schedule that backs off.");
  };
  const observe = (state: MlrSnetState, step: number, loss: number) => {
    const { guard, history } = whole(state);
    const patience = patienceOf(knowsHorizon ? history.totalSteps : null);
    return guardStep(guard, output, { step, loss, logRate: history.logRate, patience });
  };
  return {
    ...schedule,
    init: (context) => ({ ...schedule.init(context), guard: { ...startGuarding(), kept: null } }),
    restores: (state) => observe(state, 0, Number.NaN).act === "restore",
    next(before, observed): Decision<MlrSnetState> {
      const { guard, history } = whole(before);
      const finite = Object.values(observed).every((value) => value === undefined || Number.isFinite(value));
      const { guarding, act, sign } = observe(before, observed.step, finite ? observed.loss : Number.NaN);
      if (act === "restore") {
        const { memory, history: kept } = guard.kept!;
        const logRate = backedOff(output, history.peak);
        const { step, logInitialLoss, peak: failed } = history;
        const after = { ...kept, step: step + 1, logInitialLoss, logRate, peak: logRate, failed };
        return {
          learningRate: 0,
          action: "restore",
          state: { ...before, memory, history: after, guard: { ...guarding, kept: guard.kept } },
          events: [restoredEvent(observed.step, sign!, Math.exp(logRate - history.logRate), guard.keptAt!)],
        };
      }
      const { state, ...decision } = schedule.next(before, observed);
      const { logRate } = state.history!;
      const keep = act === "keep";
      const peak = keep ? logRate : Math.max(history.peak, logRate);
      const kept = keep ? { memory: before.memory, history } : guard.kept;
      return {
        ...decision,
        ...(keep && { action: act }),
        state: { ...state, history: { ...state.history!, peak }, guard: { ...guarding, kept } },
      };
    },
  };
}
