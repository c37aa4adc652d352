import { type CompareResult, restingLosses, restingRate } from "../benchmark/index.ts";
import type { MetaTrainingRecord, MetaTrainingRun } from "../meta/index.ts";
import type {
  MetaTrainingPoint,
  ReportComparison,
  ReportData,
  SummaryRow,
  Verdict,
} from "../report/index.ts";
import type { ScheduleFile } from "../schedules/index.ts";
import { type DemoPlan, labelOf, learnedName, type PlannedComparison } from "./demo-plan.ts";
import type { Machine } from "./machine.ts";

/** What the demo has found out by its end. */
export type DemoResult = {
  plan: DemoPlan;
  /** What to type for the same numbers. */
  command: string;
  run: MetaTrainingRun;
  seed: number;
  records: readonly MetaTrainingRecord[];
  schedule: ScheduleFile;
  scheduleFile: string;
  comparisons: readonly { planned: PlannedComparison; result: CompareResult; verdicts: readonly Verdict[] }[];
  seconds: number;
  machine: Machine;
};

/** The demo's result as the report's page reads it. */
export function reportOf(demo: DemoResult): ReportData {
  const { plan, run, schedule, machine } = demo;
  return {
    title: plan.caution ?? "MLR-SNet: a learned learning-rate schedule, transferred",
    generated: {
      date: new Date().toISOString(),
      command: demo.command,
      seconds: demo.seconds,
      machine: { cpu: machine.cpu, cores: machine.cores, node: machine.node, platform: machine.platform },
      versions: { "mlr-snet": machine.version, runtime: machine.runtime },
      seeds: Array.from({ length: plan.seeds }, (_, index) => demo.seed + 1 + index),
    },
    metaTraining: {
      task: plan.metaTraining.task,
      recipe: "paper",
      settings: {
        steps: run.steps,
        "T_val (steps between updates of the schedule)": run.updateEvery,
        gamma: run.gamma ?? Number.NaN,
        seed: demo.seed,
      },
      records: demo.records.map(pointOf),
      snapshots: run.snapshots.map(({ afterSteps }) => ({
        step: afterSteps,
        label: `after ${afterSteps} steps`,
      })),
    },
    response: {
      losses: restingLosses,
      curves: run.snapshots.map(({ afterSteps }, snapshot) => ({
        snapshot: `after ${afterSteps} steps`,
        p: restingLosses.map((loss) => restingRate(schedule, snapshot, loss)),
      })),
      note: "Where p comes to rest when it is told the same loss 200 times; the learning rate is γ · p.",
    },
    comparisons: demo.comparisons.map(({ planned, result }) => comparisonOf(plan, planned, result)),
    verdicts: demo.comparisons.flatMap(({ verdicts }) => verdicts),
    usage: {
      file: demo.scheduleFile,
      code: usageCode(demo.scheduleFile),
      shell: usageShell(demo.scheduleFile),
    },
  };
}

/** A comparison's rows as report and tables show them. */
export function rowsOf(result: CompareResult): SummaryRow[] {
  return result.summary.map((row) => ({
    ...row,
    label: labelOf(row.schedule),
    learned: row.schedule === learnedName,
  }));
}

/** Ten lines that put the learned schedule into a training loop of one's own. */
export function usageCode(file: string): string {
  return `import { MlrSnet, ScheduleRunner } from "mlr-snet";

const learned = await MlrSnet.load(${JSON.stringify(file)});
const runner = new ScheduleRunner(learned.schedule(), { classes: 10, initialLoss, epochs, stepsPerEpoch });
for (const batch of batches) {
  const { loss, gradient } = yourGradients(batch);
  const { learningRate } = runner.next({ loss });
  yourUpdate(gradient, learningRate);
}`;
}

function usageShell(file: string): string {
  return `mlr-snet transfer --schedule ${file} --task ./my-task.mjs\nmlr-snet inspect ${file}`;
}

function comparisonOf(
  { trials, seeds }: DemoPlan,
  planned: PlannedComparison,
  result: CompareResult,
): ReportComparison {
  return {
    task: planned.task,
    title: planned.title,
    note:
      `Each schedule made by hand chose its base rate among ${trials} on validation data, then all trained with the same ` +
      `${seeds} seeds on all training data and were judged on test data. MLR-SNet was used as it is.`,
    steps: planned.steps,
    summary: rowsOf(result),
    runs: result.runs.map((run) => ({
      ...run,
      label: labelOf(run.schedule),
      learned: run.schedule === learnedName,
    })),
  };
}

function pointOf({ step, loss, learningRate, lookAheadLoss }: MetaTrainingRecord): MetaTrainingPoint {
  return { step, loss, learningRate, ...(lookAheadLoss !== undefined && { lookAheadLoss }) };
}
