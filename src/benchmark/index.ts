export {
  type AblationOptions,
  type AblationProgress,
  type AblationSchedule,
  type AblationVariant,
  ablationVariants,
  learnVariants,
} from "./ablation.ts";
export {
  type BenchmarkOptions,
  type BenchmarkProgress,
  type BenchmarkResult,
  benchmark,
} from "./benchmark.ts";
export { encodeBenchmark, readBenchmark } from "./benchmark-file.ts";
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
export { type Candidate, findCandidate, findSchedule, type NamedSchedule } from "./candidates.ts";
export {
  type CompareOptions,
  type CompareProgress,
  type CompareResult,
  type CompareRun,
  type CompareSummary,
  compare,
  summarise,
} from "./compare.ts";
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
  isBetter,
  type JudgedRun,
  type JudgedRunOptions,
  judgedRun,
  type Score,
} from "./judged-run.ts";
export { levelsOf } from "./levels.ts";
export { type PairedDifference, pairedDifference } from "./paired-difference.ts";
export { type ParticipantKind, tunedBaselines } from "./participants.ts";
export { rateGrid, referenceRate } from "./rate-grid.ts";
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
export { sourceCommit } from "./source-commit.ts";
export { meanAndError } from "./statistics.ts";
export { devSuite, findSuite } from "./suites.ts";
export { type BenchmarkOverall, type BenchmarkVerdict, best, type Versus } from "./verdicts.ts";
