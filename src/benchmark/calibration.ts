import { MlrSnetError } from "../errors.ts";
import { architectures, drawTask, type PopulationOptimizer } from "../meta/index.ts";
import { createSmallEngine, TaskRuns, valuesOf } from "../meta/internal.ts";
import { type CellConfig, parameterCount, presets } from "../schedules/index.ts";
import { type CalibratedShape, calibratedShapes, calibratedWarmup, shaped } from "./calibrated.ts";
import { meanAndError } from "./statistics.ts";

/** Of all runs, in units of the usual rate: half doublings from 1/2 to 256. */
export const calibrationMultiples: readonly number[] = [
  0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.7, 8, 11, 16, 23, 32, 45, 64, 90, 128, 180, 256,
];

const optimizers: readonly PopulationOptimizer[] = ["sgd", "momentum", "adam"];

/** Lengths of the runs, evenly in ln T; dear networks make shorter ones, as in meta-training. */
const lengths = { shortest: 100, longest: 800 } as const;

/** One task with one optimizer: of each shape, one number per multiple. JSON-safe. */
export type CalibrationRow = {
  optimizer: PopulationOptimizer;
  index: number;
  /** Network and T in words. */
  task: string;
  shapes: Record<CalibratedShape, { values: number[]; ends: number[]; diverged: boolean[] }>;
};

/** What decides the rows beside their optimizer and index. */
export type CalibrationSettings = {
  seed: number;
  shortest: number;
  longest: number;
  warmup: number;
  multiples: readonly number[];
  /** Name and version of the engine's runtime. */
  runtime: string;
};

/** @param runtime name and version. */
export function calibrationSettings(seed: number, runtime: string): CalibrationSettings {
  return { seed, ...lengths, warmup: calibratedWarmup, multiples: calibrationMultiples, runtime };
}

export type CalibrationOptions = {
  /** Number of generated tasks, each with every optimizer; ≥ 1. */
  tasks: number;
  /** Of the tasks; default 0. */
  seed?: number;
  /** Rows of an earlier calibration with their settings; taken instead of run again where these are the same. */
  stored?: { settings: CalibrationSettings; rows: readonly CalibrationRow[] };
  signal?: AbortSignal;
};

/** `done` of `total` rows; `row` is the one that has ended. */
export type CalibrationProgress = {
  done: number;
  total: number;
  settings: CalibrationSettings;
  row: CalibrationRow;
};

/** One curve from multiple to value, means over the tasks. */
export type CalibrationCurve = {
  optimizer: PopulationOptimizer;
  shape: CalibratedShape;
  /** Of the usual rate; the following have one number for each. */
  multiples: readonly number[];
  /** v of meta-training, smaller is better, with its standard error; a run that diverged has the value 2. */
  values: number[];
  standardErrors: number[];
  /** The same of the end of the run alone, which decides nothing here. */
  ends: number[];
  /** Number of tasks on which the run diverged. */
  diverged: number[];
  /** The multiple with the least mean value. */
  chosen: number;
  /** The one that the ends alone would have chosen. */
  chosenByEnd: number;
};

export type CalibrationResult = CalibrationSettings & { tasks: number; curves: CalibrationCurve[] };

/**
 * Fits what `calibrated` uses: trains generated tasks with every optimizer and shape from all multiples of the usual rate at
 * once, one population each, and takes for each optimizer and shape the multiple of the least mean value. No data but
 * generated ones, no guard, nothing learned.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `INTERRUPTED`.
 */
export async function* calibration(
  options: CalibrationOptions,
): AsyncGenerator<CalibrationProgress, CalibrationResult> {
  const { tasks, seed = 0, stored, signal } = options;
  if (!Number.isInteger(tasks) || tasks < 1)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`tasks\` to be an integer ≥ 1, got ${tasks}.`);
  const engine = await createSmallEngine();
  const settings = calibrationSettings(seed, engine.version);
  const isSame = JSON.stringify(stored?.settings) === JSON.stringify(settings);
  const known = isSame ? stored!.rows : [];
  const runs = new TaskRuns(engine, cell, false);
  const rows: CalibrationRow[] = [];
  const total = tasks * optimizers.length;
  try {
    for (let index = 0; index < tasks; index++)
      for (const optimizer of optimizers) {
        if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", `Stopped after ${rows.length} rows.`);
        const row =
          known.find((other) => other.index === index && other.optimizer === optimizer) ??
          (await rowOf(runs, seed, index, optimizer));
        rows.push(row);
        yield { done: rows.length, total, settings, row };
      }
  } finally {
    await runs.release();
  }
  const curves = optimizers.flatMap((optimizer) =>
    calibratedShapes.map((shape) =>
      curveOf(
        optimizer,
        shape,
        rows.filter((row) => row.optimizer === optimizer),
      ),
    ),
  );
  return { ...settings, tasks, curves };
}

/** A cell that says nothing: with a θ of zeros the rate stays where it began, without a way back. */
const cell: CellConfig = {
  ...presets.transfer,
  hidden: 1,
  inputs: ["progress"],
  output: { form: "integrating", step: 0.2, start: 1, floor: 1e-5, ceiling: 1000, relative: true },
};

async function rowOf(
  runs: TaskRuns,
  seed: number,
  index: number,
  optimizer: PopulationOptimizer,
): Promise<CalibrationRow> {
  const task = { ...drawTask(seed, ["calibration", index], lengths), optimizer };
  const zeros = new Float64Array(parameterCount(cell));
  const thetas = calibrationMultiples.map(() => zeros);
  const logRates = calibrationMultiples.map(Math.log);
  const shapes = {} as CalibrationRow["shapes"];
  for (const shape of calibratedShapes) {
    const schedule = shaped(shape, 1);
    const state = schedule.init({ totalSteps: task.steps });
    const factor = (step: number): number => schedule.next(state, { step, loss: 1 }).learningRate;
    const outcome = await runs.run(task, thetas, { logRates, shape: factor });
    const rounded = (values: readonly number[]): number[] => values.map((v) => Number(v.toFixed(5)));
    shapes[shape] = {
      values: rounded(valuesOf(outcome)),
      ends: rounded(valuesOf(outcome, 0)),
      diverged: outcome.losses.map((loss) => !Number.isFinite(loss)),
    };
  }
  return { optimizer, index, task: `${architectures[task.architecture]!.name} ${task.steps}`, shapes };
}

/** @param rows of one optimizer, at least one. */
function curveOf(
  optimizer: PopulationOptimizer,
  shape: CalibratedShape,
  rows: readonly CalibrationRow[],
): CalibrationCurve {
  const over = (of: (row: CalibrationRow["shapes"][CalibratedShape]) => readonly number[]) =>
    calibrationMultiples.map((_, index) => meanAndError(rows.map((row) => of(row.shapes[shape])[index]!)));
  const rounded = (value: number): number => Number(value.toFixed(4));
  const values = over((row) => row.values);
  const ends = over((row) => row.ends).map(({ mean }) => rounded(mean));
  const least = (of: readonly number[]): number => calibrationMultiples[of.indexOf(Math.min(...of))]!;
  return {
    optimizer,
    shape,
    multiples: calibrationMultiples,
    values: values.map(({ mean }) => rounded(mean)),
    standardErrors: values.map(({ standardError }) => rounded(standardError ?? 0)),
    ends,
    diverged: calibrationMultiples.map(
      (_, index) => rows.filter((row) => row.shapes[shape].diverged[index]).length,
    ),
    chosen: least(values.map(({ mean }) => mean)),
    chosenByEnd: least(ends),
  };
}
