import type { Command } from "commander";
import type { Task } from "../training/index.ts";
import { integer } from "./parse.ts";

/** Of steps, and of epochs: their product with the steps of an epoch stays exact. */
const longest = 1e9;

/** Flags of the length of a run. */
export type StepsOptions = { steps?: number; epochs?: number };

/** Adds --steps and --epochs, of which one at most can be given. */
export function addSteps(command: Command): Command {
  return command
    .option("--steps <n>", "number of updates (default: the task's)", integer("--steps", 1, longest))
    .addOption(
      command
        .createOption("--epochs <n>", "the same, counted in passes over the training data")
        .argParser(integer("--epochs", 1, longest))
        .conflicts("steps"),
    );
}

/** @param examples that the run trains on. */
export function stepsOf({ steps, epochs }: StepsOptions, task: Task, examples: number): number {
  if (epochs === undefined) return steps ?? task.steps;
  return epochs * Math.max(1, Math.floor(examples / task.batchSize));
}
