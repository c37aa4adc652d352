export {
  type AblationOptions,
  type AblationProgress,
  type AblationSchedule,
  type AblationVariant,
  ablationVariants,
  learnVariants,
} from "./ablation.ts";
export { type Act, actsOf } from "./acts.ts";
export {
  type BenchmarkOptions,
  type BenchmarkProgress,
  type BenchmarkResult,
  type BenchmarkTask,
  benchmark,
} from "./benchmark.ts";
export { encodeBenchmark, readBenchmark } from "./benchmark-file.ts";
export { type BenchmarkPlan, prepareRuns, type RunTimes } from "./benchmark-plan.ts";
export {
  type BenchmarkRun,
  type BenchmarkSummary,
  type BenchmarkUnit,
  keyText,
  type UnitKey,
} from "./benchmark-unit.ts";
export {
  type CalibratedShape,
  calibrated,
  calibratedMultiples,
  calibratedNames,
  calibratedShapes,
} from "./calibrated.ts";
export {
  type CalibrationCurve,
  type CalibrationOptions,
  type CalibrationProgress,
  type CalibrationResult,
  type CalibrationRow,
  type CalibrationSettings,
  calibration,
  calibrationMultiples,
} from "./calibration.ts";
export { type Candidate, fileHash, findCandidate, findSchedule, type NamedSchedule } from "./candidates.ts";
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
  runKeyText,
  summarise,
  type Trial,
  tunedBaselines,
} from "./compare-run.ts";
export { controls } from "./controls.ts";
export {
  type InsuranceNetwork,
  type InsuranceOptions,
  type InsuranceProgress,
  type InsuranceRow,
  type InsuranceRun,
  type InsuranceSummary,
  insurance,
  insuranceNetworks,
} from "./insurance.ts";
export {
  type CurvePoint,
  type JudgedRun,
  type JudgedRunOptions,
  judgedRun,
} from "./judged-run.ts";
export { levelsOf } from "./levels.ts";
export {
  differenceOf,
  type Outcome,
  outcomeOf,
  outcomes,
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
  referenceNetworks,
} from "./reference.ts";
export { restingLosses, restingRate } from "./resting-rate.ts";
export {
  advantage,
  guessOf,
  isBetter,
  isLargerBetter,
  type Measure,
  marginOf,
  measured,
  measureOf,
  type Score,
} from "./score.ts";
export { sourceCommit } from "./source-commit.ts";
export { type Stamp, stampOf } from "./stamp.ts";
export { meanAndError } from "./statistics.ts";
export { studentQuantile } from "./student-t.ts";
export { devSuite, findSuite } from "./suites.ts";
export { hashOf, protocolVersion, settingsOf, type TaskSettings } from "./task-settings.ts";
export {
  type BenchmarkComparator,
  type BenchmarkOverall,
  type BenchmarkPaired,
  best,
  type Tally,
} from "./verdicts.ts";
