import { type CompareResult, restingRate } from "../benchmark/index.ts";
import { restingLosses } from "../benchmark/internal.ts";
import type { ReportComparison, ReportData, SummaryRow, Verdict } from "../report/index.ts";
import { formatCount, formatDuration } from "../report/internal.ts";
import { type MlrSnet, parameterCount } from "../schedules/index.ts";
import type { ComparisonResult } from "./demo-comparisons.ts";
import { type Cut, cutsText } from "./demo-cuts.ts";
import type { LiveTraining } from "./demo-learning.ts";
import { type DemoPlan, isLearned, labelOf, paperName, zooName } from "./demo-plan.ts";
import type { Machine } from "./machine.ts";

/** What the demo has found out by its end. */
export type DemoResult = {
  plan: DemoPlan;
  /** What was typed; the same numbers again where the plan has no budget. */
  command: string;
  seed: number;
  /** What there was no time for. */
  cuts: readonly Cut[];
  live: LiveTraining;
  /** Those of the package, `zoo:default` and `zoo:paper`. */
  zoo: MlrSnet;
  paper: MlrSnet;
  /** Of the live one. */
  scheduleFile: string;
  comparisons: readonly (ComparisonResult & { verdicts: readonly Verdict[] })[];
  seconds: number;
  machine: Machine;
};

/** The demo's result as the report's page reads it. */
export function reportOf(demo: DemoResult): ReportData {
  const { plan, machine, live, comparisons } = demo;
  const seeds = Math.max(...comparisons.map(({ made }) => made.seeds));
  return {
    title: plan.caution ?? "Learned learning-rate schedules beside tuned ones",
    lead:
      `Three learned schedules drive networks as they are: ${zooName} and ${paperName}, which come with the package, and ` +
      `one that was learned for this page in ${formatDuration(live.seconds)}. Beside them ${plan.byHand.length} made by ` +
      `hand, whose base rates were searched on each task.${demo.cuts.length > 0 ? ` ${cutsText(demo.cuts)}` : ""}`,
    generated: {
      date: new Date().toISOString(),
      command: demo.command,
      ...(plan.budget && { hasBudget: true }),
      seconds: demo.seconds,
      machine: { cpu: machine.cpu, cores: machine.cores, node: machine.node, platform: machine.platform },
      versions: { "mlr-snet": machine.version, runtime: machine.runtime },
      seeds: Array.from({ length: seeds }, (_, index) => demo.seed + 1 + index),
    },
    metaTraining: metaTrainingOf(demo),
    response: responseOf(demo.paper),
    comparisons: comparisons.map((comparison) => comparisonOf(demo, comparison)),
    verdicts: comparisons.flatMap(({ verdicts }) => verdicts),
    usage: {
      schedule: zooName,
      file: demo.scheduleFile,
      code: usageCode,
      shell: usageShell(demo.scheduleFile),
    },
  };
}

/** A comparison's rows as report and tables show them. */
export function rowsOf(result: CompareResult): SummaryRow[] {
  return result.summary.map((row) => ({
    ...row,
    label: labelOf(row.schedule),
    learned: isLearned(row.schedule),
  }));
}

/** A few lines that put a learned schedule into a training loop of one's own. */
export const usageCode: string = `import { MlrSnet, ScheduleRunner } from "mlr-snet";

const learned = await MlrSnet.load("${zooName}");
const run = { totalSteps: batches.length, usualRate: 0.001 }; // of Adam; 0.1 for SGD, 0.01 with momentum 0.9
const runner = new ScheduleRunner(learned.schedule(), run, {
  snapshot: () => yourCopy(), // of weights, optimizer state with its count of updates, statistics
  rollback: (copy) => yourGoingBack(copy),
});
for (const batch of batches) {
  const { loss, gradient } = yourGradients(batch);
  const { learningRate, applies } = runner.next({ loss });
  if (applies) yourUpdate(gradient, learningRate); // not after a step that is skipped or goes back
}`;

function usageShell(file: string): string {
  return [
    `mlr-snet transfer --schedule ${zooName} --task ./my-task.mjs`,
    `mlr-snet transfer --schedule ${file} --task ./my-task.mjs  # the one learned just now`,
    `mlr-snet meta-train --recipe long-horizon --budget 30m --out s.safetensors  # one of your own`,
  ].join("\n");
}

function metaTrainingOf({ live, zoo, seed }: DemoResult): ReportData["metaTraining"] {
  const { options, records, seconds } = live;
  const { tasks, pairs, sigma, learningRate, distribution, cell } = options;
  const { shortest = 0, longest = 0 } = distribution;
  const lengths = `${shortest} to ${formatCount(longest)} steps`;
  const { generations } = zoo.provenance;
  return {
    title: `${formatCount(records.length)} generations · ${formatDuration(seconds)}`,
    note:
      `Each generation draws ${tasks} tasks at random (a network, generated data, an optimizer, a length of ${lengths}), ` +
      `lets ${2 * pairs} perturbed schedules drive a whole training of each, and moves the schedule towards those whose ` +
      `trainings ended best.` +
      (typeof generations === "number"
        ? ` ${zooName} was learned by the same recipe: a larger network, ${formatCount(generations)} generations.`
        : ""),
    settings: {
      "LSTM units": cell.hidden,
      parameters: parameterCount(cell),
      "what it reads": cell.inputs.join(", "),
      generations: records.length,
      "tasks a generation": tasks,
      "candidates a task": 2 * pairs,
      "lengths of the trainings": lengths,
      "size of the perturbations": sigma,
      "learning rate of Adam on the schedule": learningRate,
      seed,
    },
    records: records.map(({ step, value, diverged }) => ({ step, value, diverged })),
  };
}

/** What the paper's recipe learned; the long-horizon schedules answer to more than the loss, which no such chart shows. */
function responseOf(paper: MlrSnet): ReportData["response"] {
  return {
    schedule: paperName,
    losses: restingLosses,
    curves: paper.snapshots.fractions.map((fraction, snapshot) => ({
      snapshot: fraction === 0 ? "from the start" : `from ${Math.round(100 * fraction)} % on`,
      p: restingLosses.map((loss) => restingRate(paper, snapshot, loss)),
    })),
    note: "Where p comes to rest when it is told the same loss 200 times. The snapshots take turns as the run goes on.",
  };
}

function comparisonOf(
  { plan: { trials }, paper }: DemoResult,
  { made, result }: ComparisonResult,
): ReportComparison {
  const atHome = paper.provenance.task === made.task ? ` ${paperName} was learned on this very network.` : "";
  return {
    task: made.task,
    title: made.title,
    note:
      `Each schedule made by hand chose its base rate among ${trials} on validation data, then all trained with the same ` +
      `${made.seeds} seeds on all training data and were judged on test data. The learned ones were used as they are. ` +
      `Long-horizon meta-training knows smaller networks of this kind, on other data made alike.${atHome}`,
    steps: made.steps,
    summary: rowsOf(result),
    runs: result.runs.map((run) => ({
      ...run,
      label: labelOf(run.schedule),
      learned: isLearned(run.schedule),
    })),
  };
}
