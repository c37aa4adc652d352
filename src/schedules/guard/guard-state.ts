import { type GuardStatistics, noStatistics } from "./guard-statistics.ts";

/** What is remembered of a copy of the weights: its step, what the losses were then, and whether a run went back to it. */
export type Copy = { step: number; losses: GuardStatistics; used: boolean };

/** The excesses of a row of hits, in reaches: how many, their sum and that of their squares; and the largest loss. */
export type Hits = { count: number; sum: number; squares: number; largest: number };

/** What the guard remembers of a run; JSON-safe. */
export type GuardState = {
  losses: GuardStatistics;
  /** Hits of late: one more by each, half as many by each other loss; those that are no part of the statistics yet. */
  hits: number;
  struck: Hits | null;
  /** Losses in a row that were not finite; after going back it begins below 0, until one is finite. */
  notFinite: number;
  /** While steps are skipped to see what other batches lose at the same weights: the excesses so far, in reaches. */
  asked: { count: number; sum: number } | null;
  /** Steps for which the run is stalled after learning, and the highest level meanwhile. */
  lost: number;
  peak: number;
  /** Largest of the latest rates, in units of the usual one. */
  ratio: number;
  /** f in (0, 1]: exactly 1 until the first act. */
  factor: number;
  acts: number;
  newest: Copy | null;
  older: Copy | null;
  /** After going back: the level of the trouble (null: not finite), the factor before it, and the losses since. */
  probation: { level: number | null; factor: number; sum: number; count: number } | null;
};

/** Before the first step. */
export function startGuard(): GuardState {
  return {
    losses: noStatistics(),
    hits: 0,
    struck: null,
    notFinite: 0,
    asked: null,
    lost: 0,
    peak: 0,
    ratio: 0,
    factor: 1,
    acts: 0,
    newest: null,
    older: null,
    probation: null,
  };
}

/** What the losses show: `trouble` that lasts, at a level; `skip`: a step to leave out; neither: nothing to do yet. */
export type Finding = { guard: GuardState; skip?: true; trouble?: { level: number }; reason?: string };
