import type { Random } from "../random.ts";
import type { Inputs } from "./dataset.ts";

/** Draws `count` examples: inputs [count, ...inputShape] before noise and standardisation, labels [count]. */
export type GeneratedTask = (count: number, random: Random) => { inputs: Inputs; labels: Int32Array };

/** Draws what all examples of a task share, such as templates or class centres. */
export type GeneratedTaskMaker = (classes: number, random: Random) => GeneratedTask;

/** [count], as many of each class as can be, in random order. */
export function balancedLabels(count: number, classes: number, random: Random): Int32Array {
  return Int32Array.from(random.permutation(count), (place) => place % classes);
}

/** Uniform in [low, high). */
export function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random.uniform();
}
