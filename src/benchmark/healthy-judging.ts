import type { RunContext } from "../schedules/index.ts";
import type { Guard, GuardReport } from "./healthy-guards.ts";
import { type HealthyManifest, whyUnhealthy } from "./healthy-manifest.ts";
import { decodeLosses, type HealthyRecording } from "./healthy-recording.ts";
import { lossesOf } from "./healthy-sequences.ts";

/** A run or sequence as a guard would have treated it. */
export type JudgedLosses = GuardReport & {
  name: string;
  failure: string;
  /** A sequence's shape; of trainings the data set. */
  group: string;
  isTraining: boolean;
  steps: number;
  planted: number;
  /** Did harm: it acted, or threw. */
  harmed: boolean;
};

export type HealthySummary = {
  runs: number;
  /** Acted upon, or ended by an error. */
  harmed: number;
  share: number;
  steps: number;
  /** Of updates that were left out without a planted reason. */
  skipShare: number;
  planted: number;
  plantedSkips: number;
};

export type HealthyJudgement = {
  guard: string;
  /** What the limit of 1 % is about: all but F3 and F11. */
  all: HealthySummary;
  trainings: HealthySummary;
  sequences: HealthySummary;
  /**
   * F3, where one act is allowed, and F11, where acts are allowed that raise no rate and go back by at most a tenth of
   * the run: those that did more, or worse.
   */
  apart: Record<string, HealthySummary>;
  byFailure: Record<string, HealthySummary>;
  byGroup: Record<string, HealthySummary>;
  /** Trainings that were no healthy ones, without any guard. */
  excluded: { name: string; reason: string }[];
  /** All that was harmed, without what is 0. */
  harmed: Pick<JudgedLosses, "name" | "acts" | "rollbacks" | "cuts" | "oldest" | "first" | "failed">[];
};

/** Failures with rules of their own. */
const apart = ["F3", "F11"];
/** How far F11 may go back, as a share of the run. */
const longAgo = 0.1;

/** Judges a guard by every healthy run and sequence of a part, in seconds. */
export function judgeGuard(
  guard: Guard,
  { trainings, sequences }: HealthyManifest,
  recordings: readonly HealthyRecording[],
): HealthyJudgement {
  const excluded: HealthyJudgement["excluded"] = [];
  const judged: JudgedLosses[] = [];
  const recorded = new Map(recordings.map((recording) => [recording.name, recording]));
  for (const { name, failure, data, steps, baseRate } of trainings) {
    const recording = recorded.get(name);
    const losses = recording ? decodeLosses(recording.losses) : [];
    const reason = recording ? whyUnhealthy(losses, steps) : "not recorded";
    if (reason) excluded.push({ name, reason });
    else {
      const what = { name, failure: failure ?? "none", group: data, isTraining: true };
      const ratio = baseRate / recording!.context.usualRate!;
      judged.push(judgeOne(guard, what, losses, recording!.context, [], ratio));
    }
  }
  for (const sequence of sequences) {
    const { name, failure, shape: group, steps } = sequence;
    const { losses, planted } = lossesOf(sequence);
    judged.push(
      judgeOne(guard, { name, failure, group, isTraining: false }, losses, { totalSteps: steps }, planted),
    );
  }
  const ordinary = judged.filter(({ failure }) => !apart.includes(failure));
  return {
    guard: guard.name,
    all: summarise(ordinary),
    trainings: summarise(ordinary.filter(({ isTraining }) => isTraining)),
    sequences: summarise(ordinary.filter(({ isTraining }) => !isTraining)),
    apart: summariseBy(
      judged.filter(({ failure }) => apart.includes(failure)),
      ({ failure }) => failure,
    ),
    byFailure: summariseBy(judged, ({ failure }) => failure),
    byGroup: summariseBy(judged, ({ group }) => group),
    excluded,
    harmed: judged
      .filter(({ harmed }) => harmed)
      .map(({ name, acts, rollbacks, cuts, oldest, first, failed }) => ({
        ...{ name, acts, rollbacks, cuts, oldest: Number(oldest.toPrecision(3)) },
        ...(first && { first }),
        ...(failed !== undefined && { failed }),
      })),
  };
}

function judgeOne(
  guard: Guard,
  what: Pick<JudgedLosses, "name" | "failure" | "group" | "isTraining">,
  losses: ArrayLike<number>,
  context: RunContext,
  planted: readonly number[] = [],
  ratio = 1,
): JudgedLosses {
  const report = guard.judge(losses, context, planted, ratio);
  return {
    ...{ ...what, ...report, steps: losses.length, planted: planted.length },
    harmed: report.failed !== undefined || isHarmful(what.failure, report),
  };
}

function isHarmful(failure: string, { acts, oldest, highest }: GuardReport): boolean {
  if (failure === "F3") return acts > 1;
  if (failure === "F11") return highest > 1 || oldest > longAgo;
  return acts > 0;
}

function summarise(judged: readonly JudgedLosses[]): HealthySummary {
  const sum = (of: (one: JudgedLosses) => number): number =>
    judged.reduce((total, one) => total + of(one), 0);
  const harmed = sum((one) => Number(one.harmed));
  const steps = sum((one) => one.steps);
  return {
    ...{ runs: judged.length, harmed, share: harmed / Math.max(1, judged.length), steps },
    skipShare: sum(({ skips }) => skips) / Math.max(1, steps),
    planted: sum(({ planted }) => planted),
    plantedSkips: sum(({ plantedSkips }) => plantedSkips),
  };
}

function summariseBy(
  judged: readonly JudgedLosses[],
  keyOf: (one: JudgedLosses) => string,
): Record<string, HealthySummary> {
  const keys = [...new Set(judged.map(keyOf))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return Object.fromEntries(keys.map((key) => [key, summarise(judged.filter((one) => keyOf(one) === key))]));
}
