import { MlrSnetError } from "../errors.ts";
import { drawNormals, Random } from "../random.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import type { Dataset, Inputs } from "./dataset.ts";
import { imagesTask, mnist1dTask, side } from "./generated-signals.ts";
import type { GeneratedTaskMaker } from "./generated-task.ts";
import { teacherTask } from "./generated-teacher.ts";
import { markovTask, patternsTask, sequenceLength, vocabulary } from "./generated-tokens.ts";
import { dimensions, mixtureTask } from "./generated-vectors.ts";
import { mnist1dConstants } from "./mnist1d-transform.ts";
import { moments } from "./moments.ts";

export type GeneratedKind = "mnist1d" | "mixture" | "teacher" | "images" | "markov" | "patterns";

export type GeneratedSpec = {
  kind: GeneratedKind;
  /** Of everything in it: templates, class centres, teachers, examples. An integer ≥ 0. */
  seed: number;
  /** Training examples, from `classes` to 1,000,000; validation always has 500. */
  examples: number;
  /** 2 to 20; of `mnist1d` 2 to 10, a seeded choice of the digits. */
  classes: number;
  /** Share of the training labels that a random label replaces, 0 to 1; validation stays clean. */
  labelNoise: number;
  /**
   * Of training and validation. Float inputs: deviation of the normal noise added to them, ≥ 0, in units of their own.
   * Tokens: probability that a random token replaces one, 0 to 1.
   */
  inputNoise: number;
};

/** Shape of one example of each kind; images have their channel last. */
export const generatedShapes: Record<
  GeneratedKind,
  { inputShape: readonly number[]; inputType: "float32" | "int32"; vocabulary?: number }
> = {
  mnist1d: { inputShape: [mnist1dConstants.length], inputType: "float32" },
  mixture: { inputShape: [dimensions], inputType: "float32" },
  teacher: { inputShape: [dimensions], inputType: "float32" },
  images: { inputShape: [side, side, 1], inputType: "float32" },
  markov: { inputShape: [sequenceLength], inputType: "int32", vocabulary },
  patterns: { inputShape: [sequenceLength], inputType: "int32", vocabulary },
};

const makers: Record<GeneratedKind, GeneratedTaskMaker> = {
  mnist1d: mnist1dTask,
  mixture: mixtureTask,
  teacher: teacherTask,
  images: imagesTask,
  markov: markovTask,
  patterns: patternsTask,
};

const validationExamples = 500;

/**
 * Labelled examples of a random classification task, for meta-training: no file, no network, milliseconds.
 *
 * Float inputs have mean 0 and standard deviation 1 over all numbers of the training set, noise included. The same
 * spec gives the same bits. Another noise leaves task and clean examples as they are, another number of examples task
 * and validation, up to the standardisation.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` where a field is out of its range.
 * @example
 * generateData({ kind: "images", seed: 7, examples: 2000, classes: 10, labelNoise: 0.1, inputNoise: 0 });
 */
export function generateData(spec: GeneratedSpec): { train: Dataset; validation: Dataset } {
  checkOptionNames("`generateData`", spec, specNames);
  checkSpec(spec);
  const { kind, seed, classes, examples } = spec;
  const stream = (...path: string[]) => new Random(seed, "generated", kind, ...path);
  const draw = makers[kind](classes, stream("task"));
  const train = draw(examples, stream("train"));
  const validation = draw(validationExamples, stream("validation"));

  blurLabels(train.labels, classes, spec.labelNoise, stream("label-noise"));
  const { deviation } = moments(train.inputs);
  blurInputs(train.inputs, deviation, spec.inputNoise, stream("input-noise", "train"));
  blurInputs(validation.inputs, deviation, spec.inputNoise, stream("input-noise", "validation"));
  if (train.inputs instanceof Float32Array) {
    const { mean, deviation } = moments(train.inputs);
    for (const { inputs } of [train, validation])
      for (let index = 0; index < inputs.length; index++) inputs[index] = (inputs[index]! - mean) / deviation;
  }
  const { inputShape, vocabulary } = generatedShapes[kind];
  const described = { name: `generated-${kind}`, inputShape, classes, ...(vocabulary && { vocabulary }) };
  return { train: { ...described, ...train }, validation: { ...described, ...validation } };
}

const specNames: OptionNames<GeneratedSpec> = {
  kind: true,
  seed: true,
  examples: true,
  classes: true,
  labelNoise: true,
  inputNoise: true,
};

function checkSpec({ kind, seed, examples, classes, labelNoise, inputNoise }: GeneratedSpec): void {
  const kinds = Object.keys(makers);
  check(kinds.includes(kind), `\`kind\` to be one of ${kinds.join(", ")}`, kind);
  checkInteger("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  checkInteger("classes", classes, 2, kind === "mnist1d" ? 10 : 20);
  checkInteger("examples", examples, classes, 1_000_000);
  check(labelNoise >= 0 && labelNoise <= 1, "`labelNoise` to be a share from 0 to 1", labelNoise);
  if (generatedShapes[kind].inputType === "int32")
    check(inputNoise >= 0 && inputNoise <= 1, "`inputNoise` of tokens to be 0 to 1", inputNoise);
  else check(inputNoise >= 0 && Number.isFinite(inputNoise), "`inputNoise` to be a number ≥ 0", inputNoise);
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  const isInside = Number.isSafeInteger(value) && value >= least && value <= most;
  check(isInside, `\`${name}\` to be an integer from ${least} to ${most}`, value);
}

function check(condition: boolean, expected: string, got: unknown): void {
  if (!condition) throw new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}

/** Replaces the given share of the labels, rounded to whole ones, each by any class, its own included. */
function blurLabels(labels: Int32Array, classes: number, share: number, random: Random): void {
  const chosen = random.permutation(labels.length).subarray(0, Math.round(share * labels.length));
  for (const index of chosen) labels[index] = random.integer(classes);
}

/** Adds normal noise of `amount` deviations to numbers, or replaces tokens with probability `amount`. */
function blurInputs(inputs: Inputs, deviation: number, amount: number, random: Random): void {
  if (amount === 0) return;
  if (inputs instanceof Int32Array) {
    for (let index = 0; index < inputs.length; index++)
      if (random.word() / 2 ** 32 < amount) inputs[index] = random.integer(vocabulary);
    return;
  }
  const noise = drawNormals(random, inputs.length);
  for (let index = 0; index < inputs.length; index++) inputs[index]! += amount * deviation * noise[index]!;
}
