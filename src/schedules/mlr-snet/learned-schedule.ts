import { MlrSnetError } from "../../errors.ts";
import {
  checkChoice,
  checkCount,
  checkNotNegative,
  checkNumber,
  checkOptionNames,
  checkRate,
  quantity,
  stepOfRun,
} from "../checks.ts";
import { checksum, checksumOfNumbers, identityOf } from "../checksum.ts";
import { endOf, extendHorizon } from "../extend.ts";
import type { Decision, Observed, RunContext, Schedule, ScheduleEvent } from "../schedule.ts";
import { inOrder } from "../span.ts";
import { FastCell } from "./cell.fast.ts";
import { emptyMemory, type Memory } from "./cell.ts";
import {
  type CellConfig,
  checkCell,
  emptyHistory,
  hasHistory,
  historyCheck,
  needsHorizon,
} from "./config.ts";
import { checkGuard, type GammaGuard, guardedRange } from "./gamma.ts";
import { type History, observedFor, readInputs, readsLogarithm } from "./inputs.ts";
import { anneals, rateOf, shortestRun } from "./output.ts";
import { type ScheduleFile, type SwitchRule, switchRules } from "./schedule-file.ts";
import { extendTurns, needsOfTurns, snapshotAt, type Turns, turnsOf } from "./turns.ts";

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
export type MlrSnetState = Turns & {
  /** A hash of the file and the options; absent in states of earlier releases. */
  file?: string;
  memory: Memory;
  /** p of the last step, in (0, 1), or in (-1, 1) for the integrating form; null before the first. */
  p: number | null;
  /** γ; null before the first step, and for the integrating form. */
  gamma: number | null;
  /** L0, or null: then the first loss stands in for it. */
  initialLoss: number | null;
  /** Present once a loss could not be read. */
  unread?: true;
  /** C, or null where nothing needs it. */
  classes: number | null;
  /** Index of the snapshot in force. */
  snapshot: number;
  /** What inputs and output form remember; absent for the paper's cells. */
  history?: History;
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
 * @see arXiv:2007.14546 and the released transfer code; the guard of γ is ours.
 */
export function learnedSchedule(file: ScheduleFile, options: MlrSnetOptions = {}): Schedule<MlrSnetState> {
  checkOptionNames("a learned schedule", options, {
    gamma: true,
    guard: true,
    switchRule: true,
    reading: true,
  });
  checkOptionNames("`reading`", options.reading ?? {}, { inputs: true, range: true });
  const cell = checkCell({ ...file.cell, ...options.reading });
  const guard = checkGuard(options.guard);
  const rule = checkChoice("switchRule", options.switchRule ?? file.snapshots.switchRule, switchRules);
  const integrates = cell.output !== "sigmoid";
  const gammaRule = integrates ? "absent for the integrating form" : "a number > 0";
  const fixed =
    options.gamma === undefined
      ? null
      : checkNumber("gamma", options.gamma, gammaRule, (gamma) => gamma > 0 && !integrates);
  const needsRange = fixed === null && !integrates;
  const needsClasses = needsRange || cell.inputs.includes("loss-over-log-classes");
  const remembers = hasHistory(cell);
  const isHistory = historyCheck(cell);
  const byLogarithm = readsLogarithm(cell.inputs);
  const isRelative = cell.output !== "sigmoid" && cell.output.relative === true;
  const wanted = observedFor(cell.inputs);
  const { thetas, fractions } = file.snapshots;
  const hash = checksumOfNumbers(thetas);
  const output = typeof cell.output === "string" ? cell.output : inOrder(cell.output);
  const identity = identityOf("mlr-snet", {
    hash,
    cell: inOrder({ ...cell, output }),
    rule,
    fractions,
    gamma: fixed,
    guard: inOrder(guard),
  });
  const fingerprint = checksum(identity);
  const networks = thetas.map((theta) => new FastCell(cell, theta));

  /** γ at this step: of the first step, of a switch, or as it was. */
  const rangeAt = (
    state: MlrSnetState,
    observed: Observed,
    snapshot: number,
    note: (kind: string, message: string) => void,
  ): number | null => {
    const { gamma, initialLoss, classes } = state;
    const compute = (loss: number): number => {
      knownInitialLoss(loss, true);
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
    identity: `mlr-snet ${fingerprint}`,
    needs: [
      ...(needsClasses ? ["classes" as const] : []),
      ...new Set([
        ...(needsHorizon(cell) ? ["totalSteps" as const] : []),
        ...needsOfTurns(file.snapshots, rule),
      ]),
    ],

    init(context: RunContext): MlrSnetState {
      const { initialLoss, classes } = context;
      const turns = turnsOf(file.snapshots, rule, context);
      return {
        file: fingerprint,
        memory: emptyMemory(cell),
        p: null,
        gamma: null,
        initialLoss: initialLoss === undefined ? null : knownInitialLoss(initialLoss, needsRange),
        classes: needsClasses ? knownClasses(classes, cell) : null,
        snapshot: snapshotAt(turns.starts, 0),
        ...turns,
        ...(remembers && { history: emptyHistory(cell, context) }),
      };
    },

    wants({ starts, snapshot }: MlrSnetState, step: number): readonly (keyof Observed)[] {
      const switches = fixed === null && !integrates && snapshotAt(starts, step) !== snapshot;
      return switches ? [...wanted, "trainingSetLoss"] : wanted;
    },

    extend(state: MlrSnetState, step: number, totalSteps: number): MlrSnetState {
      const { history: before } = state;
      const history = before && extendHorizon(before, step, totalSteps, anneals(cell.output));
      return { ...state, ...extendTurns(state, step, totalSteps), ...(history && { history }) };
    },

    next(state: MlrSnetState, observed: Observed): Decision<MlrSnetState> {
      if ((state.file ?? fingerprint) !== fingerprint)
        throw new MlrSnetError(
          "STATE_MISMATCH",
          `Expected a state of the schedule file with the hash ${fingerprint}, got that of ${state.file}: give the file and the options that it was saved with.`,
        );
      checkState(state, cell, networks.length, isHistory(state.history));
      quantity(observed, "loss");
      const events: ScheduleEvent[] = [];
      const note = (kind: string, message: string): void => {
        events.push({ step: observed.step, kind, message });
      };
      const snapshot = snapshotAt(state.starts, checkCount("step", observed.step, 0));
      const gamma = rangeAt(state, observed, snapshot, note);
      // Where the loop goes back, this memory does too, but the time goes on.
      const before = { ...(state.history ?? emptyHistory()), step: observed.step };
      const isRead = !byLogarithm || isReadable(before, observed);
      if (!isRead && !state.unread)
        note(
          "loss-unread",
          `A loss of ${observed.loss} has no logarithm, by which this schedule reads it: at such steps the rate goes on by progress alone. Give it the loss plus a constant.`,
        );
      const { inputs, history } = isRead
        ? readInputs(cell.inputs, before, observed, state.classes!)
        : { inputs: [], history: { ...before, step: before.step + 1 } };
      const { p, memory } = isRead
        ? networks[snapshot]!.forward(inputs, state.memory)
        : { p: integrates ? 0 : (state.p ?? 0.5), memory: state.memory };
      const { learningRate, logRate } = rateOf(cell.output, p, gamma!, before);
      const at = stepOfRun(observed);
      checkRate(learningRate, at);
      if (before.step === endOf(before)) note("past-the-end", `Step ${at} is past the declared ${at} steps.`);
      if (before.step === 0 && before.unit === null)
        note("usual-rate-missing", "Rates as for SGD: no `usualRate` was given.");
      if (before.step === 0 && isRelative && (before.totalSteps ?? shortestRun) < shortestRun)
        note(
          "short-run",
          `A run of ${before.totalSteps} steps: this schedule was made for ${shortestRun} and more, and its rates are those of ${shortestRun}.`,
        );
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
  return schedule;
}

/** Whether a loss can be read by its logarithm. A loss of 0 can, once there is one to compare it with. */
function isReadable({ logInitialLoss }: History, { loss, step }: Observed): boolean {
  if (loss > 0 || (loss === 0 && logInitialLoss !== null)) return true;
  if (loss === 0 || logInitialLoss !== null || step > 0) return false;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected the first loss of the run to be above 0, got ${loss}: this schedule reads losses by their logarithm. Give it the loss plus a constant that keeps it above 0, which changes no gradient, or use one that does not read the loss, such as linear.`,
  );
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT` where γ cannot be computed from it. */
function knownInitialLoss(loss: number, needsRange: boolean): number {
  if (!needsRange) return checkNumber("initialLoss", loss, "a number", () => true);
  if (!(loss < 0)) return checkNotNegative("initialLoss", loss);
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected the loss of the untrained network, and at a switch of snapshots, to be 0 or above, got ${loss}: this schedule computes its range γ from it. Add a constant to the loss, which changes no gradient, fix \`gamma\`, or use a schedule that needs none, such as zoo:default.`,
  );
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
