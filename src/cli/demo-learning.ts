import { availableParallelism } from "node:os";
import { MlrSnetError } from "../errors.ts";
import { type LongHorizonOptions, type LongHorizonRecord, LongHorizonTraining } from "../meta/index.ts";
import { formatLoss, formatPercent } from "../report/internal.ts";
import type { ScheduleFile } from "../schedules/index.ts";
import { secondsSince } from "./demo-budget.ts";
import type { DemoPlan } from "./demo-plan.ts";
import { formatRate } from "./progress.ts";
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
 * Long-horizon meta-training while one watches. The schedule depends on plan, seed and number of generations.
 *
 * @param plan with a budget: its time ends the learning too, after one generation at least.
 * @throws {MlrSnetError} `INTERRUPTED` between two generations; nothing is kept.
 */
export async function learnLive(
  { live: plan, budget }: Pick<DemoPlan, "live" | "budget">,
  seed: number,
  provenance: Readonly<Record<string, unknown>>,
  session: Session,
): Promise<LiveTraining> {
  const started = performance.now();
  const options = { ...plan.options, seed };
  const workers = Math.min(availableParallelism(), options.tasks);
  const { signal } = session;
  const progress = session.progress(1, "");
  const records: LongHorizonRecord[] = [];
  const training = await LongHorizonTraining.create({ ...options, workers });
  try {
    progress.update(0, "learning");
    for await (const record of training.records()) {
      records.push(record);
      const seconds = secondsSince(started);
      const share = Math.max(records.length / plan.generations, budget ? seconds / budget.learning : 0);
      progress.update(Math.min(share, 1), describe(records));
      if (signal.aborted)
        throw new MlrSnetError("INTERRUPTED", `Stopped after ${records.length} generations.`);
      if (share >= 1) break;
    }
    return { schedule: training.schedule(provenance), options, records, seconds: secondsSince(started) };
  } finally {
    await training.release();
  }
}

function describe(records: readonly LongHorizonRecord[]): string {
  const recent = records.slice(-recentGenerations);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const value = mean(recent.flatMap(({ value }) => (value === null ? [] : [value])));
  const diverged = mean(recent.map(({ diverged }) => diverged));
  const rate = formatRate(records.length / records.at(-1)!.seconds, "generations");
  return `generation ${records.length}, ${rate}, value ${formatLoss(value)}, diverged ${formatPercent(diverged)}`;
}
