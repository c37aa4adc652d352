import { MlrSnetError } from "../errors.ts";
import { checkOptionNames, type OptionNames, type Schedule, type ScheduleEvent } from "../schedules/index.ts";
import {
  type Evaluation,
  type TrainingOptions,
  type TrainingRecord,
  TrainingRun,
} from "../training/index.ts";

/**
 * Mean loss in nats per label and fraction correct; `loss` is null where the run diverged. For sequences with a label
 * at each position also the perplexity, exp(loss).
 */
export type Score = { loss: number | null; accuracy: number; perplexity?: number | null };

/** One update of a run; the test figures stand in the points of evaluations only, and are those of the data judged on. */
export type CurvePoint = {
  step: number;
  loss: number;
  learningRate: number;
  testLoss?: number | null;
  testAccuracy?: number;
};

/** A finished run and how good it was. */
export type JudgedRun = {
  status: "done" | "diverged";
  /** Updates made. */
  steps: number;
  /** At the last step. A diverged run counts as guessing: accuracy 1/C, loss null. */
  last: Score;
  /** The most accurate evaluation of the run: to be shown beside `last`, never to choose by. */
  best: Score;
  /** γ of each snapshot that was in force, in turn; empty for a schedule made by hand. */
  gammas: number[];
  /** What the schedule had to say, in turn. */
  events: ScheduleEvent[];
  curve: CurvePoint[];
};

export type JudgedRunOptions = Omit<TrainingOptions, "evaluateOn"> & {
  /** The data that scores are taken on. */
  judgeOn: "validation" | "test";
};

const optionNames: OptionNames<JudgedRunOptions> = {
  task: true,
  data: true,
  schedule: true,
  engine: true,
  seed: true,
  steps: true,
  evaluateEvery: true,
  judgeOn: true,
  resume: true,
  signal: true,
};

/**
 * One training run with its score: the records as they come, then the result.
 *
 * @throws {MlrSnetError} `INTERRUPTED` if the signal stopped it.
 */
export async function* judgedRun(options: JudgedRunOptions): AsyncGenerator<TrainingRecord, JudgedRun> {
  checkOptionNames("`judgedRun`", options, optionNames);
  const { judgeOn, ...training } = options;
  const { schedule, gammas } = watchRange(options.schedule);
  const run = new TrainingRun({ ...training, schedule, evaluateOn: [judgeOn] });
  const isSequence = (options.data.train.labelsPerExample ?? 1) > 1;
  const curve: CurvePoint[] = [];
  const scores: Score[] = [];
  const events: ScheduleEvent[] = [];
  try {
    for await (const record of run.records()) {
      const { step, loss, learningRate } = record;
      const score = record[judgeOn] && scoreOf(record[judgeOn], isSequence);
      if (score) scores.push(score);
      events.push(...(record.events ?? []));
      const point = { step, loss, learningRate };
      curve.push(score ? { ...point, testLoss: score.loss, testAccuracy: score.accuracy } : point);
      yield record;
    }
    const { outcome } = run;
    if (!outcome) throw new MlrSnetError("INTERRUPTED", `Stopped after ${run.learner.step} steps.`);
    const accuracy = 1 / options.data.train.classes;
    const guess: Score = scoreOf({ loss: Number.NaN, accuracy }, isSequence);
    const diverged = outcome.status === "diverged" || scores.at(-1)?.loss === null;
    const last = diverged ? guess : (scores.at(-1) ?? guess);
    const best = scores.reduce((a, b) => (isBetter(b, a) ? b : a), last);
    return {
      status: diverged ? "diverged" : "done",
      steps: outcome.steps,
      last,
      best,
      gammas,
      events,
      curve,
    };
  } finally {
    await run.release();
  }
}

/** More accurate, or as accurate with less loss. A loss that is not finite is the worst. */
export function isBetter(a: Score, b: Score): boolean {
  if (a.accuracy !== b.accuracy) return a.accuracy > b.accuracy;
  return (a.loss ?? Number.POSITIVE_INFINITY) < (b.loss ?? Number.POSITIVE_INFINITY);
}

function scoreOf({ loss, accuracy }: Evaluation, isSequence: boolean): Score {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const score = { loss: finite(loss), accuracy };
  return isSequence ? { ...score, perplexity: finite(Math.exp(loss)) } : score;
}

/** The schedule, and a list that grows by γ each time a snapshot comes into force. */
function watchRange(inner: Schedule<unknown>): { schedule: Schedule<unknown>; gammas: number[] } {
  const gammas: number[] = [];
  let snapshot: unknown;
  const schedule: Schedule<unknown> = {
    ...inner,
    next(state, observed) {
      const decision = inner.next(state, observed);
      const after = innermost(decision.state);
      if (typeof after.gamma === "number" && after.snapshot !== snapshot) gammas.push(after.gamma);
      snapshot = after.snapshot;
      return decision;
    },
  };
  return { schedule, gammas };
}

/** The state of the schedule that others, such as insurance, were put around. */
function innermost(state: unknown): { gamma?: unknown; snapshot?: unknown } {
  const { inner } = Object(state) as { inner?: unknown };
  return inner === undefined ? Object(state) : innermost(inner);
}
