import { exampleCount } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { checkWritable, decodeIfThere, RecordFile, removeFile } from "../files/internal.ts";
import { type MetaTrainingRecord, MetaTrainingRun } from "../meta/index.ts";
import { checkSameRun, decodeMetaCheckpoint, encodeMetaCheckpoint } from "../meta/internal.ts";
import { formatLoss, formatRate } from "../report/internal.ts";
import type { PresetName, SwitchRule } from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/internal.ts";
import { type Evaluation, loadTask, splitsOf, writeFileAtomic } from "../training/index.ts";
import { metaTrainPaths } from "./meta-train-paths.ts";
import { type CommonOptions, createEngine, type Session } from "./session.ts";
import { type StepsOptions, stepsOf } from "./steps.ts";

const defaultTask = "mnist1d/mlp";

/** Flags of `meta-train --recipe paper`. */
export type MetaTrainOptions = StepsOptions &
  CommonOptions & {
    task?: string;
    out: string;
    preset?: PresetName;
    tVal?: number;
    switchRule?: SwitchRule;
    checkpoint?: string;
    checkpointEvery?: number;
    resume?: true;
  };

/** What `meta-train` prints with --json. */
export type MetaTrainAnswer = {
  task: string;
  recipe: "paper";
  seed: number;
  steps: number;
  status: "done";
  gamma: number | null;
  /** The last update; nulls where a resumed run had nothing left to do. */
  last: { loss: number | null; learningRate: number | null; test: Evaluation | null };
  out: string;
  snapshots: number;
  records: string;
  checkpoint: string;
};

/**
 * Meta-training with records and checkpoints on the disk. A checkpoint counts on the records before it, so the records
 * are synced first; a record after it is cut off on resuming and comes again with the same numbers.
 *
 * @throws {MlrSnetError} `INTERRUPTED` after a checkpoint, `NOT_FINITE` if the run diverged, `STATE_MISMATCH` if the checkpoint
 * is of another run, `FILE_CORRUPT` if it is damaged, `FILE_UNWRITABLE`.
 */
export async function metaTrain(options: MetaTrainOptions, session: Session): Promise<MetaTrainAnswer> {
  const { seed = 0, out, preset = "image-meta-train", tVal, checkpointEvery = 500 } = options;
  const paths = metaTrainPaths(options);
  for (const path of Object.values(paths)) await checkWritable(path);
  // Where there is none the run starts afresh.
  const saved = options.resume ? await decodeIfThere(paths.checkpoint, decodeMetaCheckpoint) : undefined;
  const task = await loadTask(
    options.task ?? defaultTask,
    options.data ? { dataDirectory: options.data } : {},
  );
  // The name first: the network of another task does not fit into the checkpoint.
  if (saved) checkSameRun(saved.identity, { task: task.name });
  const data = splitsOf(task);
  const engine = await createEngine(options, { plan: saved?.plan, session });
  const run = new MetaTrainingRun({
    task,
    data,
    engine,
    seed,
    preset,
    steps: stepsOf(options, task, exampleCount(data.train)),
    signal: session.signal,
    ...(tVal && { updateEvery: tVal }),
    ...(options.switchRule && { switchRule: options.switchRule }),
    ...(saved && { resume: saved.state }),
  });
  if (saved) checkSameRun(saved.identity, run.identity);
  // The checkpoint of an older run would count on records that are now overwritten.
  if (!saved) await removeFile(paths.checkpoint);
  const records = saved
    ? RecordFile.continueAt(paths.records, saved.state.learner.step)
    : RecordFile.create(paths.records);
  try {
    const last = await train(run, engine, records, paths.checkpoint, checkpointEvery, session);
    await writeFileAtomic(out, encodeSchedule(run.schedule()));
    return {
      task: task.name,
      recipe: "paper",
      seed,
      steps: run.steps,
      status: "done",
      gamma: run.gamma ?? null,
      last: {
        loss: last?.loss ?? null,
        learningRate: last?.learningRate ?? null,
        test: last?.test ?? null,
      },
      ...paths,
      snapshots: run.snapshots.length,
    };
  } finally {
    await run.release();
  }
}

/** Runs to the end; every record is on the disk afterwards, and the checkpoint of the end. */
async function train(
  run: MetaTrainingRun,
  engine: Engine,
  records: RecordFile,
  checkpoint: string,
  checkpointEvery: number,
  session: Session,
): Promise<MetaTrainingRecord | undefined> {
  const save = async (): Promise<void> => {
    records.sync();
    const bytes = encodeMetaCheckpoint({ identity: run.identity, plan: engine.plan, state: run.save() });
    await writeFileAtomic(checkpoint, bytes);
  };
  const progress = session.progress(run.steps, "steps");
  let last: MetaTrainingRecord | undefined;
  try {
    for await (const record of run.records()) {
      last = record;
      records.append(record);
      progress.update(
        record.step + 1,
        `loss ${formatLoss(record.loss)}, rate ${formatRate(record.learningRate)}`,
      );
      if ((record.step + 1) % checkpointEvery === 0) await save();
    }
    if (run.outcome?.status === "diverged")
      throw new MlrSnetError(
        "NOT_FINITE",
        `The run diverged at step ${run.outcome.steps}: no schedule was written; the records are in ${records.path}.`,
      );
    await save();
    if (!run.outcome)
      throw new MlrSnetError(
        "INTERRUPTED",
        `Stopped after ${run.learner.step} of ${run.steps} steps, saved in ${checkpoint}: the same command with --resume goes on.`,
      );
    return last;
  } finally {
    records.close();
  }
}
