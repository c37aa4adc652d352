import type { CompareRun, CompareSummary } from "./compare-run.ts";
import type { Participant, ParticipantKind } from "./participants.ts";
import { protocolVersion, sortedJson } from "./task-settings.ts";

/** One schedule on one task: the piece of work of a benchmark, done by one worker. */
export type UnitRequest = {
  suite: string;
  task: string;
  steps: number;
  participant: Participant;
  seeds: number;
  seed: number;
  searchSeeds: number;
  /** See `compare`. */
  keepsValidation: boolean;
  /** Of the task's settings. */
  taskHash: string;
  /** Of the code that does the work. */
  commit: string;
};

/** What decides a unit's result: units of the same key have the same runs. */
export type UnitKey = {
  protocolVersion: number;
  task: string;
  /** Of the task's settings: see `settingsOf`. */
  taskHash: string;
  steps: number;
  /** What the final runs trained on. */
  trainedOn: "all" | "training part";
  participant: ParticipantKind;
  /** As it was given. */
  schedule: string;
  /** Of a learned schedule's file; null for one made by hand. */
  sha256: string | null;
  guarded: boolean;
  /** See `settingsOf` of candidates. */
  settings?: string;
  /** Absent: 1. */
  horizonFactor?: number;
  /** Base rates of a search, and runs of each. */
  trials: number;
  searchSeeds: number;
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
  /** The commit of this package that made it: see `sourceCommit`. */
  commit: string;
  runs: BenchmarkRun[];
  summary: BenchmarkSummary;
};

export function keyOf(request: UnitRequest, runtime: string): UnitKey {
  const { task, taskHash, steps, participant, searchSeeds, seeds, seed } = request;
  const { kind, reference, file, guarded, settings, horizonFactor, trials } = participant;
  return {
    protocolVersion,
    task,
    taskHash,
    steps,
    trainedOn: request.keepsValidation ? "training part" : "all",
    participant: kind,
    schedule: reference,
    sha256: file?.sha256 ?? null,
    guarded,
    ...(settings !== undefined && { settings }),
    ...(horizonFactor !== undefined && { horizonFactor }),
    trials,
    searchSeeds,
    seeds,
    seed,
    runtime,
  };
}

/** The key as a text, the same for equal keys whatever the order of their fields. */
export const keyText = (key: UnitKey): string => sortedJson(key);

/** Runs of a unit, but for one more rate where a search goes beyond its edge. */
export function runsOfUnit({ participant: { trials }, seeds, searchSeeds }: UnitRequest): {
  search: number;
  final: number;
} {
  return { search: trials > 1 ? trials * searchSeeds : 0, final: seeds };
}

/** Updates that a unit makes, where no run diverges and no search goes beyond its edge. */
export function stepsOfUnit(request: UnitRequest): number {
  const { search, final } = runsOfUnit(request);
  return (search + final) * request.steps;
}
