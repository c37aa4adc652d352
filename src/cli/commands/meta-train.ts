import type { Command } from "commander";
import { MlrSnetError } from "../../errors.ts";
import { formatLoss, formatRate } from "../../report/internal.ts";
import { type PresetName, presets } from "../../schedules/index.ts";
import type { Define } from "../define.ts";
import type { LongHorizonFlags } from "../long-horizon-run.ts";
import type { MetaTrainOptions } from "../meta-train-run.ts";
import { budget, choice, integer, number } from "../parse.ts";
import { prose } from "../prose.ts";
import type { Answer, Session } from "../session.ts";
import { addSteps } from "../steps.ts";

type Recipe = "paper" | "long-horizon";
type Options = MetaTrainOptions & LongHorizonFlags & { recipe: Recipe };

const about = `Learns a schedule and writes it to a file.

--recipe paper learns while one network trains: every T_val updates it looks one step ahead with the learning rate that
the schedule proposes, measures the loss on validation data there, and moves the schedule's weights to make it smaller.
The validation data are split off the training data; test data are only looked at. Three snapshots (after the first
epoch, half the run, all of it) go into the file. It looks one step ahead and no further, so its rates are too small: see
\`mlr-snet demo\`.

--recipe long-horizon learns from how whole trainings end, by evolution strategies: each generation draws tasks from a
wide distribution (networks, generated data, optimizers, lengths from 20 to 2000 steps), lets a population of schedules
train each, and moves the schedule towards those that ended best. It needs no data. With --task it learns on that task
alone, on runs from a tenth of its --steps to all of them.

Every update, or generation, is a line of JSON in a .jsonl file beside the output. Checkpoints are written whole or not
at all: killed at any moment, the same command with --resume goes on and ends with the same numbers bit for bit (for
budgets in generations; with any number of workers). --recipe long-horizon writes the schedule with every checkpoint, so
that it can be tried meanwhile, and ends between two generations: after Ctrl-C, too, or when its time is spent.`;

const examples = `
Examples:
  mlr-snet meta-train --task mnist1d/mlp --out s.safetensors
  mlr-snet meta-train --task mnist1d/mlp --epochs 200 --out s.safetensors --checkpoint-every 500 --resume
  mlr-snet meta-train --recipe long-horizon --budget 30m --out s.safetensors
  mlr-snet meta-train --recipe long-horizon --budget 1000gen --seed 1 --out s.safetensors --resume
  mlr-snet meta-train --recipe long-horizon --preset transfer-anytime --budget 10m --out anytime.safetensors
  mlr-snet meta-train --recipe long-horizon --task ./my-task.mjs --budget 10m --out mine.safetensors`;

/** Flags that one recipe alone reads: with the other they would do nothing. */
const flagsOf: Record<Recipe, readonly (keyof Options)[]> = {
  paper: ["tVal", "switchRule", "epochs", "threads"],
  "long-horizon": [
    "budget",
    "workers",
    "tasks",
    "pairs",
    "sigma",
    "metaRate",
    "steady",
    "shaping",
    "averageShare",
    "estimator",
    "name",
  ],
};

/** `mlr-snet meta-train` */
export function addMetaTrain(program: Command, define: Define): void {
  const presetNames = Object.keys(presets) as PresetName[];
  const command = program
    .command("meta-train")
    .summary("learn a schedule")
    .description(prose(about))
    .option(
      "--recipe <name>",
      "paper, or long-horizon",
      choice("--recipe", ["paper", "long-horizon"]),
      "paper",
    )
    .option(
      "--task <t>",
      "a name of `mlr-snet tasks`, or a file (default: mnist1d/mlp for paper, the distribution for long-horizon)",
    )
    .requiredOption("--out <file>", "the schedule file to write (.safetensors)")
    .option(
      "--preset <name>",
      `the cell that learns: ${presetNames.join(", ")} (default: image-meta-train for paper, transfer for long-horizon)`,
      choice("--preset", presetNames),
    )
    .option(
      "--budget <text>",
      "long-horizon: time such as 90s, 30m, 2h, or generations such as 500gen (default: 30m)",
      budget("--budget"),
    )
    .option(
      "--workers <n>",
      "long-horizon: threads at work, at most one a task; 0: the main one alone (default: the cores)",
      integer("--workers", 0, 256),
    )
    .option(
      "--tasks <n>",
      "long-horizon: tasks a generation (default: 8; 2 with --task)",
      integer("--tasks", 1, 1000),
    )
    .option("--pairs <n>", "long-horizon: antithetic pairs a task (default: 8)", integer("--pairs", 1, 1000))
    .option("--sigma <x>", "long-horizon: size of the perturbations (default: 0.1)", number("--sigma", "> 0"))
    .option(
      "--meta-rate <x>",
      "long-horizon: learning rate of Adam on the schedule (default: 0.05)",
      number("--meta-rate", "> 0"),
    )
    .option(
      "--steady <n>",
      "long-horizon: generations at that rate, which then falls with their square (default: 150)",
      integer("--steady", 1),
    )
    .option(
      "--shaping <how>",
      "long-horizon: ranks, or differences, which feel how bad a run is (default: differences)",
      choice("--shaping", ["ranks", "differences"]),
    )
    .option(
      "--average-share <x>",
      "long-horizon: weight of the training's average beside its end (default: 0.3)",
      number("--average-share", "≥ 0"),
    )
    .option(
      "--estimator <name>",
      "long-horizon: es, whole runs; pes, windows of runs, not with --task (default: es)",
      choice("--estimator", ["es", "pes"]),
    )
    .option("--name <text>", "long-horizon: a name for the schedule's provenance")
    .option(
      "--t-val <n>",
      "paper: updates from one change of the schedule to the next (default: 256 changes a run, at most 300 apart)",
      integer("--t-val", 1),
    )
    .option(
      "--switch-rule <rule>",
      "paper: how the snapshots take turns, epoch-thirds (default) or fractions, for runs of less than 3 epochs too",
      choice("--switch-rule", ["epoch-thirds", "fractions"]),
    )
    .option("--checkpoint <file>", "where the run is saved (default: .ckpt beside the output)")
    .option(
      "--checkpoint-every <k>",
      "updates, or generations, from one checkpoint to the next (default: 500, or 20)",
      integer("--checkpoint-every", 1),
    )
    .option("--resume", "go on from the checkpoint; start afresh where there is none")
    .addHelpText("after", examples);
  addSteps(command);
  define<Options>(command, async (options, session) => {
    refuseFlagsOf(options);
    return options.recipe === "paper"
      ? await byPaper(options, session)
      : await byLongHorizon(options, session);
  });
}

async function byPaper(options: Options, session: Session): Promise<Answer> {
  const { metaTrain } = await import("../meta-train-run.ts");
  const json = await metaTrain(options, session);
  const lines = [
    `${json.task}: ${json.status} after ${json.steps} steps, loss ${formatLoss(json.last.loss)}, rate ${formatRate(json.last.learningRate)}, gamma ${formatRate(json.gamma)}`,
    `schedule    ${json.out}  (${json.snapshots} snapshots)`,
    `records     ${json.records}`,
    `checkpoint  ${json.checkpoint}`,
  ];
  return { json, text: lines.join("\n") };
}

async function byLongHorizon(options: Options, session: Session): Promise<Answer> {
  const { longHorizonTrain } = await import("../long-horizon-run.ts");
  const json = await longHorizonTrain(options, session);
  const { value, diverged } = json;
  const how =
    diverged === null
      ? ""
      : `: value ${value?.toFixed(4) ?? "–"} (smaller is better), ${(100 * diverged).toFixed(1)} % of the last candidates' runs diverged`;
  const lines = [
    `${json.generations} generations in ${json.seconds} s${how}`,
    `schedule    ${json.out}`,
    `records     ${json.records}`,
    `checkpoint  ${json.checkpoint}`,
  ];
  return { json, text: lines.join("\n") };
}

/** A flag that would do nothing is a mistake. */
function refuseFlagsOf(options: Options): void {
  const { recipe, device = "cpu" } = options;
  if (recipe === "long-horizon" && device !== "cpu")
    throw new MlrSnetError(
      "USAGE",
      `Expected \`--device cpu\` with \`--recipe long-horizon\`, got ${device}.`,
    );
  const other: Recipe = options.recipe === "paper" ? "long-horizon" : "paper";
  const given = flagsOf[other].find((flag) => options[flag] !== undefined);
  const withoutTask = options.recipe === "long-horizon" && options.task === undefined;
  if (given === undefined && !(withoutTask && options.steps !== undefined)) return;
  const flag = (given ?? "steps").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const expected = given === undefined ? "`--task`" : `\`--recipe ${other}\``;
  throw new MlrSnetError("USAGE", `Expected \`--${flag}\` with ${expected}, got ${options.recipe}.`);
}
