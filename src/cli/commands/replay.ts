import type { Command } from "commander";
import { MlrSnetError } from "../../errors.ts";
import { learnedSchedule, type RunContext, type ScheduleFile } from "../../schedules/index.ts";
import type { Define } from "../define.ts";
import { integer, number, numbers } from "../parse.ts";
import { prose } from "../prose.ts";
import { readSchedule } from "../read-schedule.ts";

type Options = {
  schedule: string;
  losses: number[];
  classes?: number;
  initialLoss?: number;
  stepsPerEpoch?: number;
  epochs?: number;
  usualRate?: number;
};

const about = `Feeds losses of your own to a learned schedule, one a step, and prints what it answers: p in (0, 1), its range
gamma, and learning rate = gamma * p; of a schedule of the integrating form, which has no p and no gamma, the rate
alone, with as many steps as there are losses for its horizon. No training, no data: to see what a schedule would have done, or to check that
another implementation agrees.`;

const examples = `
Snapshots that take turns by epochs need --epochs and --steps-per-epoch; gamma then stays as it is at the first
step, because at a switch it would have to be computed from the whole training set.

Examples:
  mlr-snet replay --schedule zoo:default --losses 2,1
  mlr-snet replay --schedule last.safetensors --losses 2.3,2.1,1.7 --classes 10
  mlr-snet replay --schedule s.safetensors --losses 2.3,1.2,0.9 --classes 10 --epochs 3 --steps-per-epoch 1`;

/** `mlr-snet replay` */
export function addReplay(program: Command, define: Define): void {
  const command = program
    .command("replay")
    .summary("feed losses to a learned schedule and see its rates")
    .description(prose(about))
    .requiredOption("--schedule <file>", "a schedule file (.safetensors), or zoo:NAME")
    .requiredOption("--losses <a,b,...>", "training losses in nats, one a step", numbers("--losses"))
    .option(
      "--classes <n>",
      "number of classes, or the vocabulary size: where gamma is computed from it, or the schedule reads it",
      integer("--classes", 2),
    )
    .option(
      "--initial-loss <x>",
      "loss of the untrained network, which sets gamma (default: the first loss)",
      number("--initial-loss", "≥ 0"),
    )
    .option("--steps-per-epoch <n>", "where snapshots take turns by epochs", integer("--steps-per-epoch", 1))
    .option("--epochs <n>", "of the whole run", integer("--epochs", 1))
    .option(
      "--usual-rate <x>",
      "of the optimizer, for rates in units of it: 0.1 for SGD (default), 0.01 with momentum 0.9, 0.001 for Adam",
      number("--usual-rate", "> 0"),
    )
    .addHelpText("after", examples);
  define<Options>(command, async (options) => {
    const { initialLoss, losses, classes, stepsPerEpoch, epochs, usualRate } = options;
    const file = await readSchedule(options.schedule);
    checkFlags(file, options);
    const json = replay(file, losses, {
      ...(initialLoss !== undefined && { initialLoss }),
      ...(classes && { classes }),
      totalSteps: epochs && stepsPerEpoch ? epochs * stepsPerEpoch : losses.length,
      ...(stepsPerEpoch && { stepsPerEpoch }),
      ...(epochs && { epochs }),
      ...(usualRate && { usualRate }),
    });
    const rows = losses.map(
      (loss, step) => `${step}\t${loss}\t${json.p[step] ?? "-"}\t${json.learningRates[step]}`,
    );
    return { json, text: [`gamma\t${json.gamma ?? "-"}`, "step\tloss\tp\tlearningRate", ...rows].join("\n") };
  });
}

/** @throws {MlrSnetError} `USAGE` where a flag is missing that this schedule needs, or of two that belong together one. */
function checkFlags(file: ScheduleFile, { schedule, classes, epochs, stepsPerEpoch }: Options): void {
  const { needs = [] } = learnedSchedule(file);
  if (needs.includes("classes") && !classes)
    throw new MlrSnetError(
      "USAGE",
      `Expected \`--classes\`, got none: ${schedule} computes its range gamma from the number of classes, or reads it.`,
    );
  if (needs.includes("epochs") && !(epochs && stepsPerEpoch))
    throw new MlrSnetError(
      "USAGE",
      `Expected \`--epochs\` and \`--steps-per-epoch\`: the ${file.snapshots.thetas.length} snapshots of ${schedule} take turns by epochs.`,
    );
  if (!epochs !== !stepsPerEpoch)
    throw new MlrSnetError(
      "USAGE",
      `Expected \`--epochs\` and \`--steps-per-epoch\` together, got \`--${epochs ? "epochs" : "steps-per-epoch"}\` alone.`,
    );
}

/** What a schedule answers to losses, one a step; the integrating form has no p and no γ: [] and null. @param context `classes` where it needs them, and what its snapshots are counted in; default of `initialLoss`: the first loss. */
export function replay(
  file: ScheduleFile,
  losses: readonly number[],
  context: RunContext,
): { p: number[]; gamma: number | null; learningRates: number[] } {
  const schedule = learnedSchedule(file);
  let state = schedule.init(context);
  const p: number[] = [];
  const learningRates: number[] = [];
  for (const [step, loss] of losses.entries()) {
    const decision = schedule.next(state, { step, loss });
    state = decision.state;
    if (state.gamma !== null) p.push(state.p!);
    learningRates.push(decision.learningRate);
  }
  return { p, gamma: state.gamma, learningRates };
}
