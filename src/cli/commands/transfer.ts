import type { Command } from "commander";
import type { JudgedRun } from "../../benchmark/index.ts";
import { MlrSnetError } from "../../errors.ts";
import type { RecordFile } from "../../files/internal.ts";
import { formatFigure, formatLoss, formatPercent, formatRate } from "../../report/internal.ts";
import type { GammaGuard, MlrSnetOptions, SwitchRule } from "../../schedules/index.ts";
import type { Define } from "../define.ts";
import { drain } from "../drain.ts";
import { choice, number } from "../parse.ts";
import { prose } from "../prose.ts";
import { createEngine } from "../session.ts";
import { addSteps, type StepsOptions, stepsOf } from "../steps.ts";

type Options = StepsOptions & {
  schedule: string;
  task: string;
  out?: string;
  baseRate?: number;
  gamma?: number;
  gammaGuard?: GammaGuard["mode"];
  switchRule?: SwitchRule;
  guard?: true;
};

const about = `Trains a fresh network on all training data of a task with a schedule as it is, nothing tuned, and judges it on test
data: the paper's "meta-test". A learned schedule's range gamma is computed from the untrained network's loss, and
again at each switch of snapshots. By its name zoo:paper has its rates in units of the optimizer's usual rate, and its language
reading on language tasks; control:paper-raw is as its file. A run that diverges is a result: it has the status "diverged" and
counts as guessing, a regression as predicting the mean of the training targets (the median for the absolute error).`;

const examples = `
Examples:
  mlr-snet transfer --schedule s.safetensors --task mnist1d/cnn
  mlr-snet transfer --schedule s.safetensors --task mnist1d/mlp --epochs 200 --out run.jsonl --json
  mlr-snet transfer --schedule cosine --base-rate 0.5 --task ./my-task.mjs
  mlr-snet transfer --schedule constant --base-rate 5 --guard --task mnist1d/mlp`;

/** `mlr-snet transfer` */
export function addTransfer(program: Command, define: Define): void {
  const command = program
    .command("transfer")
    .summary("train a network with a schedule as it is")
    .description(prose(about))
    .requiredOption("--schedule <s>", "a schedule file, or a name of `mlr-snet schedules`")
    .requiredOption("--task <t>", "a name of `mlr-snet tasks`, or a file")
    .option("--out <file>", "write a record of every update, one JSON line each (.jsonl)")
    .option(
      "--base-rate <x>",
      "of a schedule made by hand (default: 0.1 for SGD)",
      number("--base-rate", "> 0"),
    )
    .option("--gamma <x>", "fix the range of a learned schedule", number("--gamma", "> 0"))
    .option(
      "--gamma-guard <mode>",
      "what to do where gamma comes out near or below zero: floor (default), abs as in the released code",
      choice("--gamma-guard", ["floor", "abs"]),
    )
    .option(
      "--switch-rule <rule>",
      "epoch-thirds or fractions (default: the file's)",
      choice("--switch-rule", ["epoch-thirds", "fractions"]),
    )
    .option("--guard", "guard the run: skip what is no loss, cut the rate and go back where it is too large")
    .addHelpText("after", examples);
  addSteps(command);
  define<Options>(command, async (options, session) => {
    const { seed = 0, out } = options;
    const { allDataOf, loadTask } = await import("../../training/index.ts");
    const { checkWritable, RecordFile } = await import("../../files/internal.ts");
    const { exampleCount } = await import("../../data/index.ts");
    const { actsOf, findSchedule, judgedRun } = await import("../../benchmark/index.ts");
    if (out) await checkWritable(out);
    const task = await loadTask(options.task, options.data ? { dataDirectory: options.data } : {});
    const found = await findSchedule(options.schedule, task);
    if (found.learned || found.calibrated) refuseFlagsOf("made by hand", options);
    if (!found.learned) refuseFlagsOf("learned", options);
    const plain = found.learned
      ? found.create(learnedOptions(options))
      : found.create(options.baseRate ?? found.baseRate);
    const { divergenceGuard } = await import("../../schedules/index.ts");
    const schedule = options.guard ? divergenceGuard(plain, { restore: true }) : plain;
    const data = allDataOf(task);
    const steps = stepsOf(options, task, exampleCount(data.train));
    const engine = await createEngine(options, { session });
    const progress = session.progress(steps, "steps");
    const records: RecordFile | undefined = out ? RecordFile.create(out) : undefined;
    const judged = await drain(
      judgedRun({
        task,
        data,
        schedule,
        engine,
        seed,
        steps,
        judgeOn: "test",
        evaluateEvery: Math.ceil(steps / 20),
        signal: session.signal,
      }),
      (record) => {
        records?.append(record);
        progress.update(
          record.step + 1,
          `loss ${formatLoss(record.loss)}, rate ${formatRate(record.learningRate)}`,
        );
      },
    ).finally(() => records?.close());
    const { status, judgedBy, last, gammas, events } = judged;
    const acts = actsOf(events);
    const json = {
      task: task.name,
      schedule: options.schedule,
      seed,
      steps: judged.steps,
      status,
      judgedBy,
      last,
      best: judged.best,
      gammas,
      acts,
      records: out ?? null,
    };
    const lines = [
      `${task.name} with ${options.schedule}, seed ${seed}: ${status} after ${judged.steps} steps`,
      ...figures(judged),
      ...(gammas.length > 0 ? [`gamma          ${gammas.map(formatRate).join(", ")}`] : []),
      ...(options.guard || acts.length > 0 ? [`acts           ${acts.length || "none"}`] : []),
      ...acts.map(({ step, kind, message }) => `  step ${step}: ${kind}: ${message}`),
      ...(out ? [`records        ${out}`] : []),
    ];
    return { json, text: lines.join("\n") };
  });
}

/** How it ended, a line for each figure that the task has. */
function figures({ status, last, best }: JudgedRun): string[] {
  if (last.accuracy === undefined) {
    const constant = status === "diverged" ? ", that of a constant prediction" : "";
    return [
      `test loss      ${formatFigure(last.loss)} at the last step${constant}, ${formatFigure(best.loss)} at the best`,
    ];
  }
  return [
    `test accuracy  ${formatPercent(last.accuracy)} at the last step, ${formatPercent(best.accuracy)} at the best`,
    `test loss      ${formatLoss(last.loss)}`,
    ...(last.perplexity ? [`perplexity     ${last.perplexity.toFixed(2)}`] : []),
  ];
}

/** A flag that would do nothing is a mistake. */
function refuseFlagsOf(kind: "learned" | "made by hand", options: Options): void {
  const flags =
    kind === "learned" ? (["gamma", "gammaGuard", "switchRule"] as const) : (["baseRate"] as const);
  const given = flags.find((flag) => options[flag] !== undefined);
  if (given === undefined) return;
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new MlrSnetError(
    "USAGE",
    `Expected \`--${flag}\` with a schedule that is ${kind}, got ${options.schedule}.`,
  );
}

function learnedOptions({ gamma, gammaGuard: mode, switchRule }: Options): MlrSnetOptions {
  return {
    ...(gamma && { gamma }),
    ...(mode && { gammaGuard: mode === "abs" ? { mode } : { mode, fraction: 0.05 } }),
    ...(switchRule && { switchRule }),
  };
}
