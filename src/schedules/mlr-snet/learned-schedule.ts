import { checkChoice, checkCount, checkOptionNames, checkRate, quantity, stepOfRun } from "../checks.ts";
import { checksum, checksumOfNumbers, identityOf } from "../checksum.ts";
import { endOf, extendHorizon, pastTheEnd } from "../extend.ts";
import type { Schedule, ScheduleEvent } from "../schedule.ts";
import { inOrder } from "../span.ts";
import { FastCell } from "./cell.fast.ts";
import { emptyMemory, type Memory } from "./cell.ts";
import { type CellConfig, checkCell } from "./config.ts";
import type { GammaGuard } from "./gamma.ts";
import { isReadable, observedFor, readInputs, readsLogarithm } from "./inputs.ts";
import { initialLossOf, knownClasses, type Note, type RangeRule, rangeRule } from "./learned-range.ts";
import { type MlrSnetState, stateCheck } from "./learned-state.ts";
import {
  emptyLossStatistics,
  hasLossStatistics,
  type LossStatistics,
  needsHorizon,
} from "./loss-statistics.ts";
import { anneals, isRelative, rateOf, shortestRun } from "./output.ts";
import { type ScheduleFile, type SwitchRule, switchRules } from "./schedule-file.ts";
import { extendTurns, needsOfTurns, snapshotAt, turnsOf } from "./turns.ts";

export type MlrSnetOptions = {
  /** γ > 0 instead of the formula; it then stays through the whole run. Not for the integrating form, which has none. */
  gamma?: number;
  /** What to do where the formula gives γ ≤ 0 or nearly so; default a floor of 0.05. */
  gammaGuard?: GammaGuard;
  /** Default: the file's. */
  switchRule?: SwitchRule;
  /** How the losses are read, where it is not as in the file: `languageReading` for a language model. */
  reading?: Partial<Pick<CellConfig, "inputs" | "range">>;
};

/**
 * MLR-SNet as a schedule: a learned θ drives a new training run.
 *
 *     p_t, (h_t, c_t) = LSTM(L_t, h_{t-1}, c_{t-1}; θ_snapshot),   α_t = γ · p_t in (0, γ)
 *
 * or α_t = α_{t-1} · exp(δ p_t) for a cell of the integrating form, which needs neither γ nor classes.
 * Snapshots take turns. The memory is kept across switches; γ is computed anew from `trainingSetLoss`, which the
 * step of a switch wants. If it is not given, the old γ stays and an event says so.
 *
 * @throws {MlrSnetError} `init`: `INVALID_ARGUMENT` where the context lacks `classes`, what the switch rule counts in,
 * or the `totalSteps` that the inputs read. `next`: `NOT_FINITE` for a NaN or infinite loss, `MISSING_OBSERVATION` for
 * an absent gradient quantity, `STATE_MISMATCH` for a state of another cell or release.
 * @see arXiv:2007.14546 and the released transfer code; the gamma guard is ours.
 */
export function learnedSchedule(file: ScheduleFile, options: MlrSnetOptions = {}): Schedule<MlrSnetState> {
  const names = { gamma: true, gammaGuard: true, switchRule: true, reading: true } as const;
  checkOptionNames("a learned schedule", options, names);
  checkOptionNames("`reading`", options.reading ?? {}, { inputs: true, range: true });
  const cell = checkCell({ ...file.cell, ...options.reading });
  const range = rangeRule(cell, options.gamma, options.gammaGuard);
  const rule = checkChoice("switchRule", options.switchRule ?? file.snapshots.switchRule, switchRules);
  const needsClasses = range.isComputed || cell.inputs.includes("loss-over-log-classes");
  const remembers = hasLossStatistics(cell);
  const byLogarithm = readsLogarithm(cell.inputs);
  const wanted = observedFor(cell.inputs);
  const { thetas } = file.snapshots;
  const fingerprint = checksum(identityOf("mlr-snet", settingsOf(file, cell, rule, range)));
  const checkState = stateCheck(cell, thetas.length, fingerprint);
  const networks = thetas.map((theta) => new FastCell(cell, theta));

  return {
    kind: "mlr-snet",
    identity: `mlr-snet ${fingerprint}`,
    needs: [
      ...(range.isComputed ? ["initialLoss" as const] : []),
      ...(needsClasses ? ["classes" as const] : []),
      ...new Set([
        ...(needsHorizon(cell) ? ["totalSteps" as const] : []),
        ...needsOfTurns(file.snapshots, rule),
      ]),
    ],

    init(context) {
      const turns = turnsOf(file.snapshots, rule, context);
      return {
        file: fingerprint,
        memory: emptyMemory(cell),
        p: null,
        gamma: null,
        initialLoss: range.isComputed ? initialLossOf(context) : null,
        classes: needsClasses ? knownClasses(context.classes, range.isComputed) : null,
        snapshot: snapshotAt(turns.starts, 0),
        ...turns,
        ...(remembers && { history: emptyLossStatistics(cell, context) }),
      };
    },

    wants({ starts, snapshot }, step) {
      const switches = range.isComputed && snapshotAt(starts, step) !== snapshot;
      return switches ? [...wanted, "trainingSetLoss"] : wanted;
    },

    extend(state, step, totalSteps) {
      const { history: before } = state;
      const history = before && extendHorizon(before, step, totalSteps, anneals(cell.output));
      return { ...state, ...extendTurns(state, step, totalSteps), ...(history && { history }) };
    },

    next(state, observed) {
      checkState(state);
      quantity(observed, "loss");
      const events: ScheduleEvent[] = [];
      const note: Note = (kind, message) => events.push({ step: observed.step, kind, message });
      const snapshot = snapshotAt(state.starts, checkCount("step", observed.step, 0));
      const gamma = range.at(state, observed, snapshot, note);
      // Where the loop goes back, this memory does too, but the time goes on.
      const before = { ...(state.history ?? emptyLossStatistics()), step: observed.step };
      const isRead = !byLogarithm || isReadable(before, observed);
      if (!isRead && !state.unread) note("loss-unread", unreadMessage(observed.loss));
      const { inputs, history } = isRead
        ? readInputs(cell.inputs, before, observed, state.classes!)
        : { inputs: [], history: { ...before, step: before.step + 1 } };
      const { p, memory } = isRead ? networks[snapshot]!.forward(inputs, state.memory) : unread(cell, state);
      const { learningRate, logRate } = rateOf(cell.output, p, gamma!, before);
      checkRate(learningRate, stepOfRun(observed));
      if (before.step === endOf(before)) events.push(pastTheEnd(observed));
      if (before.step === 0) noteContext(cell, before, note);
      const after: MlrSnetState = {
        ...state,
        memory,
        p,
        gamma,
        snapshot,
        ...(!isRead && { unread: true as const }),
        ...(remembers && { history: { ...history, logRate, output: p } }),
      };
      return { learningRate, state: after, ...(events.length > 0 && { events }) };
    },
  };
}

/** What makes this schedule different from others, for its hash. */
function settingsOf(
  { snapshots }: ScheduleFile,
  cell: CellConfig,
  rule: SwitchRule,
  range: RangeRule,
): object {
  const { thetas, fractions } = snapshots;
  const output = typeof cell.output === "string" ? cell.output : inOrder(cell.output);
  return {
    hash: checksumOfNumbers(thetas),
    cell: inOrder({ ...cell, output }),
    rule,
    fractions,
    gamma: range.fixed,
    guard: inOrder(range.guard), // its name in saved states
  };
}

/** The network's answer where it is not asked: as before, and no change of the rate in the integrating form. */
function unread({ output }: CellConfig, { p, memory }: MlrSnetState): { p: number; memory: Memory } {
  return { p: output === "sigmoid" ? (p ?? 0.5) : 0, memory };
}

const unreadMessage = (loss: number): string =>
  `A loss of ${loss} has no logarithm: at such steps the rate goes on by progress alone. Give it the loss plus a constant.`;

/** What the user should know of the run's context, at the first step. */
function noteContext({ output }: CellConfig, { unit, totalSteps }: LossStatistics, note: Note): void {
  if (unit === null) note("usual-rate-missing", "Rates as for SGD: no `usualRate` was given.");
  if (isRelative(output) && (totalSteps ?? shortestRun) < shortestRun)
    note(
      "short-run",
      `A run of ${totalSteps} steps: this schedule was made for ${shortestRun} and more, and its rates are those of ${shortestRun}.`,
    );
}
