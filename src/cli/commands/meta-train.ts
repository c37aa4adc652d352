import type { Command } from "commander";
import { MlrSnetError } from "../../errors.ts";
import { formatLoss, formatRate } from "../../report/index.ts";
import { type PresetName, presets } from "../../schedules/index.ts";
import type { Define } from "../define.ts";
import type { MetaTrainOptions } from "../meta-train-run.ts";
import { choice, integer } from "../parse.ts";
import { prose } from "../prose.ts";
import { addSteps } from "../steps.ts";

const about = `Learns a schedule while one network trains, by the paper's recipe: every T_val updates, look one step ahead with the
learning rate that the schedule proposes, measure the loss on validation data there, and move the schedule's weights to
make it smaller. The validation data are split off the training data; test data are only looked at.

Three snapshots (after the first epoch, half the run, all of it) go into one schedule file, and every update is a line
of JSON in a .jsonl file beside it. Checkpoints are written whole or not at all: killed at any moment, the same command
with --resume goes on and ends with the same numbers bit for bit.`;

const examples = `
Examples:
  mlr-snet meta-train --task mnist1d/mlp --out s.safetensors
  mlr-snet meta-train --task mnist1d/mlp --epochs 200 --out s.safetensors --checkpoint-every 500 --resume`;

/** `mlr-snet meta-train` */
export function addMetaTrain(program: Command, define: Define): void {
  const presetNames = Object.keys(presets) as PresetName[];
  const command = program
    .command("meta-train")
    .summary("learn a schedule")
    .description(prose(about))
    .option("--task <t>", "a name of `mlr-snet tasks`, or a file", "mnist1d/mlp")
    .option(
      "--recipe <name>",
      "paper; long-horizon is not in this release",
      choice("--recipe", ["paper", "long-horizon"]),
      "paper",
    )
    .requiredOption("--out <file>", "the schedule file to write (.safetensors)")
    .option(
      "--preset <name>",
      `the cell that learns: ${presetNames.join(", ")}`,
      choice("--preset", presetNames),
      "image-meta-train",
    )
    .option(
      "--t-val <n>",
      "updates from one change of the schedule to the next (default: 256 changes a run, at most 300 apart)",
      integer("--t-val", 1),
    )
    .option("--checkpoint <file>", "where the run is saved (default: .ckpt beside the output)")
    .option(
      "--checkpoint-every <k>",
      "updates from one checkpoint to the next",
      integer("--checkpoint-every", 1),
      500,
    )
    .option("--resume", "go on from the checkpoint; start afresh where there is none")
    .option("--budget <text>", "of the long-horizon recipe, which is not in this release")
    .addHelpText("after", examples);
  addSteps(command);
  define<MetaTrainOptions>(command, async (options, session) => {
    if (options.recipe !== "paper" || options.budget !== undefined)
      throw new MlrSnetError("USAGE", "Expected `--recipe paper`: long-horizon is not in this release.");
    const { metaTrain } = await import("../meta-train-run.ts");
    const json = await metaTrain(options, session);
    const lines = [
      `${json.task}: ${json.status} after ${json.steps} steps, loss ${formatLoss(json.last.loss)}, rate ${formatRate(json.last.learningRate)}, gamma ${formatRate(json.gamma)}`,
      `schedule    ${json.out}  (${json.snapshots} snapshots)`,
      `records     ${json.records}`,
      `checkpoint  ${json.checkpoint}`,
    ];
    return { json, text: lines.join("\n") };
  });
}
