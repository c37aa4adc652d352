export { type AnnealToZeroOptions, type AnnealToZeroState, annealToZero } from "./anneal-to-zero.ts";
export { byStep, type StepRule } from "./by-step.ts";
export { type CatalogueEntry, catalogue, scheduleNamed } from "./catalogue.ts";
export { checkOptionNames, type OptionNames } from "./checks.ts";
export { checksum, identityOf } from "./checksum.ts";
export { type ConstantOptions, constant } from "./constant.ts";
export { type CosineOptions, type CosineState, cosine } from "./cosine.ts";
export { type ExponentialOptions, type ExponentialState, exponential } from "./exponential.ts";
export type { AnyHorizon, Horizon } from "./extend.ts";
export type { Copy, GuardState } from "./guard/guard-state.ts";
export { type GuardLimits, guardLimits, type LimitPair } from "./guard/limits.ts";
export {
  type HypergradientDescentOptions,
  type HypergradientDescentState,
  hypergradientDescent,
} from "./hypergradient-descent.ts";
export { type InsuredOptions, type InsuredState, insured } from "./insured.ts";
export {
  type InverseSquareRootOptions,
  type InverseSquareRootState,
  inverseSquareRoot,
} from "./inverse-square-root.ts";
export { type L4Options, type L4State, l4 } from "./l4.ts";
export { type LinearOptions, type LinearState, linear } from "./linear.ts";
export { type AdamOptions, type AdamState, adamStep, paperAdam } from "./mlr-snet/adam.ts";
export { FastCell } from "./mlr-snet/cell.fast.ts";
export {
  backward as backwardCell,
  emptyMemory,
  forward as forwardCell,
  type Memory,
  type Tape,
} from "./mlr-snet/cell.ts";
export type { CellConfig, Gate, RangeKind } from "./mlr-snet/config.ts";
export { defaultGammaGuard, type GammaGuard, guardedRange, learningRateRange } from "./mlr-snet/gamma.ts";
export {
  type GuardedOptions,
  guardedSchedule,
  type LearnedState,
} from "./mlr-snet/guarded-schedule.ts";
export { emptyHistory, type History, needsHorizon } from "./mlr-snet/history.ts";
export { type InputName, inputNames, readInputs } from "./mlr-snet/inputs.ts";
export { learnedSchedule, type MlrSnetOptions } from "./mlr-snet/learned-schedule.ts";
export type { MlrSnetState } from "./mlr-snet/learned-state.ts";
export {
  hypergradient,
  MetaLearner,
  type MetaLearnerOptions,
  type MetaLearnerState,
  type MetaObserved,
} from "./mlr-snet/meta-learner.ts";
export { MlrSnet, zooFile, zooNames } from "./mlr-snet/mlr-snet.ts";
export { type IntegratingOutput, type OutputForm, rateOf, scalesAt } from "./mlr-snet/output.ts";
export { type ParameterSlot, parameterCount, parameterLayout, type Vector } from "./mlr-snet/parameters.ts";
export { type Initialisation, languageReading, type PresetName, presets } from "./mlr-snet/presets.ts";
export {
  decodeSchedule,
  formatVersion,
  type ScheduleFile,
  type Snapshots,
  type SwitchRule,
} from "./mlr-snet/schedule-file.ts";
export { type MultiStepOptions, type MultiStepState, multiStep } from "./multi-step.ts";
export { didYouMean, unknownName } from "./nearest-name.ts";
export { type OneCycleOptions, type OneCycleState, oneCycle } from "./one-cycle.ts";
export { type PolynomialOptions, type PolynomialState, polynomial } from "./polynomial.ts";
export { ratesFor } from "./rates-for.ts";
export {
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from "./reduce-on-plateau.ts";
export { type RunnerDecision, type RunnerObserved, ScheduleRunner } from "./runner.ts";
export type { RunnerJson } from "./runner-json.ts";
export type { Decision, Observed, RunContext, Schedule, ScheduleEvent } from "./schedule.ts";
export { type SgdrOptions, type SgdrState, sgdr } from "./sgdr.ts";
export { type SgdrBudgetState, sgdrBudget } from "./sgdr-budget.ts";
export { show } from "./show.ts";
export type { Span } from "./span.ts";
export { type WarmupOptions, type WarmupState, warmup } from "./warmup.ts";
export {
  type WarmupStableDecayOptions,
  type WarmupStableDecayState,
  warmupStableDecay,
} from "./warmup-stable-decay.ts";
export type { WaysBack } from "./ways-back.ts";
