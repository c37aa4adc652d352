import { MlrSnetError } from "../../errors.ts";
import {
  checkChoice,
  checkCount,
  checkNotNegative,
  checkNumber,
  checkRate,
  needed,
  quantity,
} from "../checks.ts";
import type { Decision, Observed, RunContext, Schedule, ScheduleEvent } from "../schedule.ts";
import { backingOff, backsOff, type Guard } from "./back-off.ts";
import { FastCell } from "./cell.fast.ts";
import { emptyMemory, type Memory } from "./cell.ts";
import { type CellConfig, checkCell, emptyHistory, hasHistory, historyCheck } from "./config.ts";
import { checkGuard, type GammaGuard, guardedRange } from "./gamma.ts";
import { type History, observedFor, readInputs } from "./inputs.ts";
import { rateOf } from "./output.ts";
import { type ScheduleFile, type Snapshots, type SwitchRule, switchRules } from "./schedule-file.ts";

export type MlrSnetOptions = {
  /** γ > 0 instead of the formula; it then stays through the whole run. Not for the integrating form, which has none. */
  gamma?: number;
  /** What to do where the formula gives γ ≤ 0 or nearly so; default a floor of 0.05. */
  guard?: GammaGuard;
  /** Default: the file's. */
  switchRule?: SwitchRule;
  /** How the losses are read, where it is not as in the file: `languageReading` for a language model. */
  reading?: Partial<Pick<CellConfig, "inputs" | "range">>;
};

/** JSON-safe; resumes bit for bit. */
export type MlrSnetState = {
  memory: Memory;
  /** p of the last step, in (0, 1), or in (-1, 1) for the integrating form; null before the first. */
  p: number | null;
  /** γ; null before the first step, and for the integrating form. */
  gamma: number | null;
  /** L0, or null: then the first loss stands in for it. */
  initialLoss: number | null;
  /** C, or null where nothing needs it. */
  classes: number | null;
  /** Index of the snapshot in force. */
  snapshot: number;
  /** First step of every snapshot. */
  starts: number[];
  /** What inputs and output form remember; absent for the paper's cells. */
  history?: History;
  /** Of a schedule that backs off; absent for others. */
  guard?: Guard;
};

/**
 * MLR-SNet as a schedule: a learned θ drives a new training run.
 *
 *     p_t, (h_t, c_t) = LSTM(L_t, h_{t-1}, c_{t-1}; θ_snapshot),   α_t = γ · p_t in (0, γ)
 *
 * or α_t = α_{t-1} · exp(δ p_t) for a cell of the integrating form, which needs neither γ nor classes.
 * A cell that backs off answers losses that surge, collapse or are not finite by the action `restore`: see `backingOff`.
 * Snapshots take turns. The memory is kept across switches; γ is computed anew from `trainingSetLoss`, which the
 * step of a switch wants. If it is not given, the old γ stays and an event says so.
 *
 * @throws {MlrSnetError} `init`: `INVALID_ARGUMENT` where the context lacks `classes`, what the switch rule counts in,
 * or the `totalSteps` that the inputs read. `next`: `NOT_FINITE` for a NaN or infinite loss, `MISSING_OBSERVATION` for
 * an absent gradient quantity, `STATE_MISMATCH` for a state of another cell or release.
 * @see arXiv:2007.14546 and the released transfer code; the guard of γ is ours.
 */
export function learnedSchedule(file: ScheduleFile, options: MlrSnetOptions = {}): Schedule<MlrSnetState> {
  const cell = checkCell({ ...file.cell, ...options.reading });
  const guard = checkGuard(options.guard);
  const rule = checkChoice("switchRule", options.switchRule ?? file.snapshots.switchRule, switchRules);
  const integrates = cell.output !== "sigmoid";
  const gammaRule = integrates ? "absent for the integrating form" : "a number > 0";
  const fixed =
    options.gamma === undefined
      ? null
      : checkNumber("gamma", options.gamma, gammaRule, (gamma) => gamma > 0 && !integrates);
  const needsClasses = (fixed === null && !integrates) || cell.inputs.includes("loss-over-log-classes");
  const remembers = hasHistory(cell);
  const isHistory = historyCheck(cell);
  const wanted = observedFor(cell.inputs);
  const networks = file.snapshots.thetas.map((theta) => new FastCell(cell, theta));

  /** γ at this step: of the first step, of a switch, or as it was. */
  const rangeAt = (
    state: MlrSnetState,
    observed: Observed,
    snapshot: number,
    note: (kind: string, message: string) => void,
  ): number | null => {
    const { gamma, initialLoss, classes } = state;
    const compute = (loss: number): number => {
      const { gamma, warning } = guardedRange(loss, classes!, cell.range, guard);
      if (warning !== undefined) note("gamma-guard", warning);
      return gamma;
    };
    if (fixed !== null || integrates) return fixed;
    if (gamma === null) {
      if (initialLoss === null)
        note("initial-loss-missing", "γ is taken from the first loss: no `initialLoss` was given.");
      return compute(initialLoss ?? observed.loss);
    }
    if (snapshot === state.snapshot) return gamma;
    if (observed.trainingSetLoss !== undefined) return compute(quantity(observed, "trainingSetLoss"));
    note(
      "gamma-kept",
      `γ stays ${gamma} at the switch to snapshot ${snapshot}: no \`trainingSetLoss\` was given.`,
    );
    return gamma;
  };

  const schedule: Schedule<MlrSnetState> = {
    kind: "mlr-snet",

    init(context: RunContext): MlrSnetState {
      const { initialLoss, classes } = context;
      const starts = startsOf(file.snapshots, rule, context);
      return {
        memory: emptyMemory(cell),
        p: null,
        gamma: null,
        initialLoss: initialLoss === undefined ? null : checkNotNegative("initialLoss", initialLoss),
        classes: needsClasses ? knownClasses(classes, cell) : null,
        snapshot: snapshotAt(starts, 0),
        starts,
        ...(remembers && { history: emptyHistory(cell, context) }),
      };
    },

    wants({ starts, snapshot }: MlrSnetState, step: number): readonly (keyof Observed)[] {
      const switches = fixed === null && !integrates && snapshotAt(starts, step) !== snapshot;
      return switches ? [...wanted, "trainingSetLoss"] : wanted;
    },

    next(state: MlrSnetState, observed: Observed): Decision<MlrSnetState> {
      checkState(state, cell, networks.length, isHistory(state.history));
      quantity(observed, "loss");
      const events: ScheduleEvent[] = [];
      const note = (kind: string, message: string): void => {
        events.push({ step: observed.step, kind, message });
      };
      const snapshot = snapshotAt(state.starts, checkCount("step", observed.step, 0));
      const gamma = rangeAt(state, observed, snapshot, note);
      const before = state.history ?? emptyHistory();
      const { inputs, history } = readInputs(cell.inputs, before, observed, state.classes!);
      const { p, memory } = networks[snapshot]!.forward(inputs, state.memory);
      const { learningRate, logRate } = rateOf(cell.output, p, gamma!, before);
      checkRate(learningRate, observed.step);
      if (before.step === before.totalSteps)
        note("past-the-end", `Step ${before.step} is past the declared ${before.step} steps.`);
      if (before.step === 0 && before.unit === null)
        note("usual-rate-missing", "Rates as for SGD: no `usualRate` was given.");
      const after: MlrSnetState = {
        ...state,
        memory,
        p,
        gamma,
        snapshot,
        ...(remembers && { history: { ...history, logRate, output: p } }),
      };
      return { learningRate, state: after, ...(events.length > 0 && { events }) };
    },
  };
  return backsOff(cell) ? backingOff(schedule, cell) : schedule;
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT`, of a run without classes with what to do instead. */
function knownClasses(classes: number | undefined, { inputs }: CellConfig): number {
  if (classes !== undefined) return checkCount("classes", classes, 2);
  const [why, cure] = inputs.includes("loss-over-log-classes")
    ? ["reads the loss in units of their logarithm", ""]
    : ["computes its range γ from their number", " fix `gamma`, or"];
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`classes\` to be an integer >= 2, got none: this schedule ${why}. Where there are no classes, as in a regression,${cure} use one that needs none, such as zoo:default.`,
  );
}

/** First step of every snapshot. */
function startsOf({ fractions }: Snapshots, rule: SwitchRule, context: RunContext): number[] {
  const count = fractions.length;
  if (count === 1) return [0];
  if (rule === "epoch-thirds") {
    const epochs = needed(context, "epochs");
    if (epochs < count)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a run of at least ${count} epochs, one for each snapshot, got ${epochs}: train longer, or switch by \`fractions\` of the run.`,
      );
    const stepsPerEpoch = needed(context, "stepsPerEpoch");
    return fractions.map((_, index) => index * Math.floor(epochs / count) * stepsPerEpoch);
  }
  const { epochs, stepsPerEpoch } = context;
  const counted = epochs !== undefined && stepsPerEpoch !== undefined ? epochs * stepsPerEpoch : undefined;
  const totalSteps = context.totalSteps ?? counted ?? needed(context, "totalSteps");
  return fractions.map((fraction) => Math.floor(fraction * totalSteps));
}

/** The last snapshot that has started. */
function snapshotAt(starts: readonly number[], step: number): number {
  return starts.findLastIndex((start) => start <= step);
}

/** @throws {MlrSnetError} `STATE_MISMATCH`. */
function checkState(
  { memory, starts }: Partial<MlrSnetState>,
  { layers, hidden }: CellConfig,
  snapshots: number,
  fitsHistory: boolean,
): void {
  const fits = (rows: readonly number[][] | undefined): boolean =>
    rows?.length === layers && rows.every((row) => row.length === hidden);
  if (fitsHistory && fits(memory?.h) && fits(memory?.c) && starts?.length === snapshots) return;
  throw new MlrSnetError(
    "STATE_MISMATCH",
    `Expected a state of ${snapshots} snapshots, ${layers} layers and ${hidden} units, got that of another schedule or release.`,
  );
}
