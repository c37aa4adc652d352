import { MlrSnetError } from "../errors.ts";
import { sha256 } from "../files/internal.ts";
import { divergenceGuard, MlrSnet, type Schedule } from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/internal.ts";
import { type Candidate, findCandidate, findSchedule, settingsOf } from "./candidates.ts";
import { tunedBaselines, untunedBaselines } from "./compare-run.ts";
import { learnedOn, type TaskKind } from "./paper-use.ts";

/** Candidates are what a benchmark is made for; baselines are made by hand, with a searched base rate or the usual one. */
export type ParticipantKind = "candidate" | "tuned" | "untuned";

/** One schedule of a benchmark; plain data, for a worker too. */
export type Participant = {
  kind: ParticipantKind;
  /** The `schedule` of runs and summary; no two have the same. */
  name: string;
  /** As given: a name of the catalogue, or where the learned schedule was read from. */
  reference: string;
  /** Base rates that are tried; 0 for a schedule that is used as it is, learned or calibrated, 1: the usual one. */
  trials: number;
  /** See `settingsOf`. */
  settings?: string;
  /** What a learned schedule's file holds: the file itself, where this release wrote it. */
  file?: { bytes: Uint8Array; sha256: string };
  guarded: boolean;
  /** What the horizon T is multiplied by before the schedule is told: 1, or wrong on purpose. */
  horizonFactor?: number;
};

/** Of the horizon: its product with any number of steps stays exact. */
const largestFactor = 1e6;

export type ParticipantOptions = {
  /** Names of the catalogue, which are searched like the tuned baselines, and learned schedules: files, `zoo:NAME`. */
  schedules: readonly string[];
  baselines: readonly Exclude<ParticipantKind, "candidate">[];
  trials: number;
  /** Puts the divergence guard around the learned schedules. */
  divergenceGuard?: boolean;
  /** Tells the learned schedules a horizon of so many times the right one, > 0 and ≤ 1e6. */
  horizonFactor?: number;
};

/**
 * All schedules of a benchmark: candidates as given, then the tuned baselines, then the untuned. One made by hand that
 * is a tuned baseline already takes part once.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, or as `findSchedule`.
 */
export async function findParticipants(options: ParticipantOptions): Promise<Participant[]> {
  const { schedules, baselines, trials, divergenceGuard: isGuarded = false, horizonFactor = 1 } = options;
  if (!(horizonFactor > 0 && horizonFactor <= largestFactor))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`horizonFactor\` to be a number > 0 and ≤ ${largestFactor}, got ${horizonFactor}.`,
    );
  const byHand = (kind: ParticipantKind, reference: string): Participant =>
    kind === "untuned"
      ? { kind, name: `${reference}@default`, reference, trials: 1, guarded: false }
      : { kind, name: reference, reference, trials, guarded: false };
  const tuned = baselines.includes("tuned") ? tunedBaselines : [];
  const candidates: Participant[] = [];
  for (const reference of new Set(schedules)) {
    const found = await findSchedule(reference, { optimizer: { kind: "sgd" } });
    if (found.learned) candidates.push(learnedCandidate(reference, found.file, isGuarded, horizonFactor));
    else if (found.calibrated) candidates.push(calibratedCandidate(reference));
    else if (!tuned.includes(reference)) candidates.push(byHand("candidate", reference));
  }
  const untuned = baselines.includes("untuned") ? untunedBaselines : [];
  return [
    ...candidates,
    ...tuned.map((name) => byHand("tuned", name)),
    ...untuned.map((name) => byHand("untuned", name)),
  ];
}

function calibratedCandidate(reference: string): Participant {
  const settings = settingsOf(reference)!;
  return { kind: "candidate", name: reference, reference, trials: 0, settings, guarded: false };
}

function learnedCandidate(
  reference: string,
  { cell, snapshots, provenance }: MlrSnet,
  isGuarded: boolean,
  horizonFactor: number,
): Participant {
  const bytes = encodeSchedule({ cell, snapshots, provenance });
  const settings = settingsOf(reference);
  return {
    kind: "candidate",
    name: `${reference}${isGuarded ? "+guard" : ""}${horizonFactor === 1 ? "" : `@T*${horizonFactor}`}`,
    reference,
    trials: 0,
    file: { bytes, sha256: sha256(bytes) },
    guarded: isGuarded,
    ...(settings !== undefined && { settings }),
    ...(horizonFactor !== 1 && { horizonFactor }),
  };
}

/** The participant, ready for a comparison on such a task. */
export async function candidateOf(participant: Participant, task: TaskKind): Promise<Candidate> {
  const { name, reference, trials, file } = participant;
  if (!file) return { ...(await findCandidate(reference, task, trials)), name };
  const learned = await MlrSnet.load(file.bytes);
  const create = (): Schedule<unknown> => {
    const schedule = withHorizon(learnedOn(reference, learned, task), participant.horizonFactor ?? 1);
    return (
      participant.guarded ? divergenceGuard(schedule, { restore: true }) : schedule
    ) as Schedule<unknown>;
  };
  const { settings } = participant;
  return {
    ...{ name, baseRates: [], sha256: file.sha256, guarded: participant.guarded, create },
    ...(settings !== undefined && { settings }),
  };
}

/** The schedule, told a horizon of at least one step that is wrong by the factor. What counts in epochs is told the right one. */
function withHorizon(schedule: Schedule<unknown>, factor: number): Schedule<unknown> {
  if (factor === 1) return schedule;
  return {
    ...schedule,
    init: ({ totalSteps, ...context }) =>
      schedule.init(
        totalSteps === undefined
          ? context
          : { ...context, totalSteps: Math.max(1, Math.round(factor * totalSteps)) },
      ),
  };
}
