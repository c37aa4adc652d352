import { MlrSnetError } from "../errors.ts";
import type { Schedule, ScheduleEvent } from "../schedules/index.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import {
  type Evaluation,
  type TrainingOptions,
  type TrainingRecord,
  TrainingRun,
} from "../training/index.ts";
import { guessOf, isBetter, isLost, type Measure, measureOf, type Score } from "./score.ts";

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
  /** `diverged` also where all updates were made but the end is no result (see `isLost`). */
  status: "done" | "diverged";
  /** Updates made. */
  steps: number;
  judgedBy: Measure;
  /** At the last step. A diverged run counts as guessing (see `guessOf`); its loss is null where it is not what judges. */
  last: Score;
  /** The best evaluation of the run: to be shown beside `last`, never to choose by. */
  best: Score;
  /** On validation data at the last step, where it was asked for; like `last` where the run diverged. */
  validation: Score | null;
  /** γ of each snapshot that was in force, in turn; empty for a schedule made by hand. */
  gammas: number[];
  /** What the schedule had to say, in turn. */
  events: ScheduleEvent[];
  curve: CurvePoint[];
};

export type JudgedRunOptions = Omit<TrainingOptions, "evaluateOn"> & {
  /** The data that scores are taken on. */
  judgeOn: "validation" | "test";
  /** Scores the end on validation data too: what a choice may go by, where the run has not trained on them. */
  alsoValidate?: boolean;
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
  alsoValidate: true,
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
  const { judgeOn, alsoValidate = false, ...training } = options;
  const { train } = options.data;
  const measure = measureOf(options.task, train);
  const { schedule, gammas } = watchRange(options.schedule, measure);
  const run = new TrainingRun({ ...training, schedule, evaluateOn: [judgeOn] });
  const curve: CurvePoint[] = [];
  const scores: Score[] = [];
  const events: ScheduleEvent[] = [];
  try {
    for await (const record of run.records()) {
      const { step, loss, learningRate } = record;
      const score = record[judgeOn] && scoreOf(record[judgeOn], measure);
      if (score) scores.push(score);
      events.push(...(record.events ?? []));
      curve.push({ step, loss, learningRate, ...(score && testFigures(score)) });
      yield record;
    }
    const { outcome } = run;
    if (!outcome) throw new MlrSnetError("INTERRUPTED", `Stopped after ${run.learner.step} steps.`);
    const untrained = run.context?.initialLoss ?? Number.NaN;
    const guess = guessOf(options.task, train, options.data[judgeOn]) ?? untrained;
    const end = outcome.status === "done" ? scores.at(-1) : undefined;
    const isDone = end !== undefined && !isLost(end, measure, guess, untrained);
    const last = isDone ? end : guessing(measure, guess, train.classes);
    const validate = async (): Promise<Score> => {
      const { validation } = options.data;
      if (isDone) return scoreOf(await run.learner.evaluate(validation), measure);
      return guessing(measure, guessOf(options.task, train, validation) ?? untrained, train.classes);
    };
    const best = scores.reduce((a, b) => (isBetter(b, a, measure) ? b : a), last);
    return {
      status: isDone ? "done" : "diverged",
      steps: outcome.steps,
      judgedBy: measure,
      last,
      best,
      validation: alsoValidate ? await validate() : null,
      gammas,
      events,
      curve,
    };
  } finally {
    await run.release();
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function scoreOf({ loss, accuracy }: Evaluation, measure: Measure): Score {
  return {
    loss: finite(loss),
    ...(accuracy !== undefined && { accuracy }),
    ...(measure === "perplexity" && { perplexity: finite(Math.exp(loss)) }),
  };
}

/** What stands in for the end of a diverged run. */
function guessing(measure: Measure, guess: number, classes: number | undefined): Score {
  if (classes === undefined) return { loss: finite(guess) };
  const score = { loss: null, accuracy: 1 / classes };
  return measure === "perplexity" ? { ...score, perplexity: guess } : score;
}

const testFigures = ({ loss, accuracy }: Score): Pick<CurvePoint, "testLoss" | "testAccuracy"> => ({
  testLoss: loss,
  ...(accuracy !== undefined && { testAccuracy: accuracy }),
});

/**
 * The schedule, and a list that grows by γ each time a snapshot comes into force. It also asks for the initial loss, where that
 * is what a lost run is judged by.
 */
function watchRange(
  inner: Schedule<unknown>,
  measure: Measure,
): { schedule: Schedule<unknown>; gammas: number[] } {
  const gammas: number[] = [];
  let snapshot: unknown;
  const { needs = [] } = inner;
  const schedule: Schedule<unknown> = {
    ...inner,
    needs: measure === "accuracy" ? needs : [...needs, "initialLoss"],
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

/** The state of the schedule that others, such as the divergence guard, were put around. */
function innermost(state: unknown): { gamma?: unknown; snapshot?: unknown } {
  const { inner } = Object(state) as { inner?: unknown };
  return inner === undefined ? Object(state) : innermost(inner);
}
