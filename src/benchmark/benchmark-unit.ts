import type { CompareRun, CompareSummary } from "./compare.ts";
import type { Participant, ParticipantKind } from "./participants.ts";

/** One schedule on one task: the piece of work of a benchmark, done by one worker. */
export type UnitRequest = {
  suite: string;
  task: string;
  steps: number;
  participant: Participant;
  seeds: number;
  seed: number;
};

/** What decides a unit's result: units of the same key have the same runs. */
export type UnitKey = {
  task: string;
  steps: number;
  participant: ParticipantKind;
  /** As it was given. */
  schedule: string;
  /** Of a learned schedule's file; null for one made by hand. */
  sha256: string | null;
  insured: boolean;
  /** See `settingsOf` of candidates. */
  settings?: string;
  /** Absent: 1. */
  horizonFactor?: number;
  trials: number;
  seeds: number;
  seed: number;
  /** Name and version of the engine's runtime. */
  runtime: string;
};

/** A final run without its curve. */
export type BenchmarkRun = Omit<CompareRun, "curve"> & { participant: ParticipantKind };

export type BenchmarkSummary = CompareSummary & {
  task: string;
  participant: ParticipantKind;
  learned: boolean;
};

/** A finished unit. */
export type BenchmarkUnit = {
  key: UnitKey;
  /** 1/C, the accuracy of guessing. */
  guess: number;
  runs: BenchmarkRun[];
  summary: BenchmarkSummary;
};

export function keyOf({ task, steps, participant, seeds, seed }: UnitRequest, runtime: string): UnitKey {
  const { kind, reference, file, insured, settings, horizonFactor, trials } = participant;
  return {
    task,
    steps,
    participant: kind,
    schedule: reference,
    sha256: file?.sha256 ?? null,
    insured,
    ...(settings !== undefined && { settings }),
    ...(horizonFactor !== undefined && { horizonFactor }),
    trials,
    seeds,
    seed,
    runtime,
  };
}

/** The key as a text, the same for equal keys whatever the order of their fields. */
export function keyText(key: UnitKey): string {
  return JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Updates that a unit makes, where no run diverges. */
export function stepsOfUnit({ participant: { trials }, seeds, steps }: UnitRequest): number {
  return ((trials > 1 ? trials : 0) + seeds) * steps;
}
