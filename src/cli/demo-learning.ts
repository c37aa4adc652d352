import { availableParallelism } from "node:os";
import { MlrSnetError } from "../errors.ts";
import { type LongHorizonOptions, type LongHorizonRecord, LongHorizonTraining } from "../meta/index.ts";
import { formatLoss, formatPercent } from "../report/internal.ts";
import type { ScheduleFile } from "../schedules/index.ts";
import type { DemoPlan } from "./demo-plan.ts";
import type { Session } from "./session.ts";

/** The schedule that the demo has learned, and how that went. */
export type LiveTraining = {
  schedule: ScheduleFile;
  options: LongHorizonOptions;
  records: readonly LongHorizonRecord[];
  seconds: number;
};

/** Generations that the progress line speaks of: one alone says little, since each draws other tasks. */
const recentGenerations = 8;

/**
 * Long-horizon meta-training while one watches. The schedule depends on plan and seed, not on the time it takes.
 *
 * @throws {MlrSnetError} `INTERRUPTED` between two generations; nothing is kept.
 */
export async function learnLive(
  plan: DemoPlan["live"],
  seed: number,
  provenance: Readonly<Record<string, unknown>>,
  session: Session,
): Promise<LiveTraining> {
  const started = performance.now();
  const options = { ...plan.options, seed };
  const workers = Math.min(availableParallelism(), options.tasks);
  const { signal } = session;
  const progress = session.progress(plan.generations, "generations");
  const records: LongHorizonRecord[] = [];
  const training = await LongHorizonTraining.create({ ...options, workers });
  try {
    progress.update(0, "learning");
    for await (const record of training.records()) {
      records.push(record);
      progress.update(records.length, describe(records.slice(-recentGenerations)));
      if (signal.aborted)
        throw new MlrSnetError("INTERRUPTED", `Stopped after ${records.length} generations.`);
      if (records.length === plan.generations) break;
    }
    const seconds = (performance.now() - started) / 1000;
    return { schedule: training.schedule(provenance), options, records, seconds };
  } finally {
    await training.release();
  }
}

function describe(records: readonly LongHorizonRecord[]): string {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const value = mean(records.flatMap(({ value }) => (value === null ? [] : [value])));
  const diverged = mean(records.map(({ diverged }) => diverged));
  return `value ${formatLoss(value)} (smaller is better), diverged ${formatPercent(diverged)}`;
}
