export type { AblationOptions, AblationProgress, AblationSchedule, AblationVariant } from "./ablation.ts";
export { type Act, actsOf } from "./acts.ts";
export {
  type BenchmarkOptions,
  type BenchmarkProgress,
  type BenchmarkResult,
  type BenchmarkTask,
  benchmark,
} from "./benchmark.ts";
export { encodeBenchmark, readBenchmark } from "./benchmark-file.ts";
export type { BenchmarkPlan } from "./benchmark-plan.ts";
export type { BenchmarkRun, BenchmarkSummary, BenchmarkUnit, UnitKey } from "./benchmark-unit.ts";
export { type CalibratedShape, calibrated } from "./calibrated.ts";
export {
  type CalibrationCurve,
  type CalibrationOptions,
  type CalibrationProgress,
  type CalibrationResult,
  type CalibrationRow,
  type CalibrationSettings,
  calibration,
} from "./calibration.ts";
export { type Candidate, findCandidate, findSchedule, type NamedSchedule } from "./candidates.ts";
export {
  type CompareOptions,
  type CompareProgress,
  type CompareResult,
  compare,
  type Paired,
} from "./compare.ts";
export { encodeComparison, readComparison } from "./compare-file.ts";
export {
  type CompareRun,
  type CompareSummary,
  comparatorOf,
  type FinishedRun,
  type RunKey,
  type Trial,
} from "./compare-run.ts";
export {
  type GuardCostNetwork,
  type GuardCostOptions,
  type GuardCostProgress,
  type GuardCostRow,
  type GuardCostRun,
  type GuardCostSummary,
  guardCost,
} from "./guard-cost.ts";
export { type CurvePoint, type JudgedRun, type JudgedRunOptions, judgedRun } from "./judged-run.ts";
export { levelsOf } from "./levels.ts";
export {
  differenceOf,
  type Outcome,
  outcomeOf,
  type PairedDifference,
  pairedDifference,
} from "./paired-difference.ts";
export type { ParticipantKind } from "./participants.ts";
export { rateBeyond, rateGrid, referenceRate } from "./rate-grid.ts";
export {
  type ReferenceNetwork,
  type ReferenceOptions,
  type ReferenceProgress,
  type ReferenceResult,
  type ReferenceSummary,
  reference,
} from "./reference.ts";
export { restingRate } from "./resting-rate.ts";
export { guessOf, isBetter, type Measure, measureOf, type Score } from "./score.ts";
export { sourceCommit } from "./source-commit.ts";
export { type Stamp, stampOf } from "./stamp.ts";
export { meanAndError } from "./statistics.ts";
export { studentQuantile } from "./student-t.ts";
export { devSuite } from "./suites.ts";
export { hashOf, protocolVersion, settingsOf, type TaskSettings } from "./task-settings.ts";
export type { BenchmarkComparator, BenchmarkOverall, BenchmarkPaired, Tally } from "./verdicts.ts";
