/* The public door: what the package's core entry exports, beside the error. Each value is named in the docs. */
export { type AnnealToZeroOptions, type AnnealToZeroState, annealToZero } from "./anneal-to-zero.ts";
export { byStep, type StepRule } from "./by-step.ts";
export { type CatalogueEntry, catalogue, scheduleNamed } from "./catalogue.ts";
export { checksum } from "./checksum.ts";
export { type ConstantOptions, constant } from "./constant.ts";
export { type CosineOptions, type CosineState, cosine } from "./cosine.ts";
export {
  type DivergenceGuardOptions,
  type DivergenceGuardState,
  divergenceGuard,
} from "./divergence-guard.ts";
export { type ExponentialOptions, type ExponentialState, exponential } from "./exponential.ts";
export { type AnyHorizon, extendState, type Horizon } from "./extend.ts";
export { extend } from "./extend-runner.ts";
export type { Copy, GuardState } from "./guard/guard-state.ts";
export { type GuardLimits, guardLimits, type LimitPair } from "./guard/limits.ts";
export {
  type HypergradientDescentOptions,
  type HypergradientDescentState,
  hypergradientDescent,
} from "./hypergradient-descent.ts";
export {
  type InverseSquareRootOptions,
  type InverseSquareRootState,
  inverseSquareRoot,
} from "./inverse-square-root.ts";
export { type L4Options, type L4State, l4 } from "./l4.ts";
export { type LinearOptions, type LinearState, linear } from "./linear.ts";
export type { AdamOptions, AdamState } from "./mlr-snet/adam.ts";
export { paperAdam } from "./mlr-snet/adam.ts";
export { emptyMemory, forward as forwardCell, type Memory, type Tape } from "./mlr-snet/cell.ts";
export type { CellConfig, Gate, RangeKind } from "./mlr-snet/config.ts";
export { type GammaGuard, learningRateRange } from "./mlr-snet/gamma.ts";
export type { GuardedOptions, LearnedState } from "./mlr-snet/guarded-schedule.ts";
export type { InputName } from "./mlr-snet/inputs.ts";
export { learnedSchedule, type MlrSnetOptions } from "./mlr-snet/learned-schedule.ts";
export type { MlrSnetState } from "./mlr-snet/learned-state.ts";
export type { LossStatistics } from "./mlr-snet/loss-statistics.ts";
export {
  hypergradient,
  MetaLearner,
  type MetaLearnerOptions,
  type MetaLearnerState,
  type MetaObserved,
} from "./mlr-snet/meta-learner.ts";
export { MlrSnet, zooFile, zooNames } from "./mlr-snet/mlr-snet.ts";
export type { IntegratingOutput, OutputForm } from "./mlr-snet/output.ts";
export { type ParameterSlot, parameterCount, type Vector } from "./mlr-snet/parameters.ts";
export { type Initialisation, languageReading, type PresetName, presets } from "./mlr-snet/presets.ts";
export {
  decodeSchedule,
  type ScheduleFile,
  type Snapshots,
  type SwitchRule,
} from "./mlr-snet/schedule-file.ts";
export { type MultiStepOptions, type MultiStepState, multiStep } from "./multi-step.ts";
export { type OneCycleOptions, type OneCycleState, oneCycle } from "./one-cycle.ts";
export { type PolynomialOptions, type PolynomialState, polynomial } from "./polynomial.ts";
export { ratesFor } from "./rates-for.ts";
export {
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from "./reduce-on-plateau.ts";
export { resumeRunner } from "./resume-runner.ts";
export { type RunnerDecision, type RunnerObserved, ScheduleRunner } from "./runner.ts";
export type { RunnerJson } from "./runner-json.ts";
export type { Decision, Observed, RunContext, Schedule, ScheduleEvent } from "./schedule.ts";
export { type SgdrOptions, type SgdrState, sgdr } from "./sgdr.ts";
export { type SgdrBudgetState, sgdrBudget } from "./sgdr-budget.ts";
export type { Span } from "./span.ts";
export { type WarmupOptions, type WarmupState, warmup } from "./warmup.ts";
export {
  type WarmupStableDecayOptions,
  type WarmupStableDecayState,
  warmupStableDecay,
} from "./warmup-stable-decay.ts";
export type { WaysBack } from "./ways-back.ts";
