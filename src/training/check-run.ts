import { checkDataset, type Dataset } from "../data/index.ts";
import { checkTokens } from "../data/internal.ts";
import { MlrSnetError } from "../errors.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { mostEvaluated } from "./evaluation.ts";
import type { TrainingOptions } from "./run.ts";
import { type NetworkDefinition, type Traced, traceNetwork } from "./step-graphs.ts";
import { checkTask, type Task } from "./task.ts";

const optionNames: OptionNames<TrainingOptions> = {
  task: true,
  data: true,
  schedule: true,
  engine: true,
  seed: true,
  steps: true,
  evaluateEvery: true,
  evaluateOn: true,
  resume: true,
  signal: true,
};

/** Data sets that were found right: many runs share one, and to read all numbers takes its time. */
const sound = new WeakSet<Dataset>();

/** By the tasks that were found right, how many tokens their network knows; undefined where it reads none. */
const vocabularies = new WeakMap<Task, number | undefined>();

/**
 * Checks what a run is given, before any work: names of the options, the task, its network and the data.
 *
 * @param definitionOf gives the task's network.
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `TASK_INVALID`, or what `checkDataset` and the layers say.
 */
export function checkRun(options: TrainingOptions, definitionOf: (task: Task) => NetworkDefinition): void {
  checkOptionNames("`TrainingRun`", options, optionNames);
  checkTraining(options.task, options.data, definitionOf);
}

/** The task, its network and the data of any kind of training; what was found right is not read again. */
export function checkTraining(
  task: Task,
  data: TrainingOptions["data"],
  definitionOf: (task: Task) => NetworkDefinition,
): void {
  if (!vocabularies.has(task)) vocabularies.set(task, checkNetwork(checkTask(task), definitionOf(task)));
  // A validation part that is only made where it is asked for is one of the training data.
  const { value: validation } = Object.getOwnPropertyDescriptor(data, "validation") ?? {};
  for (const dataset of [data.train, data.test, validation as Dataset | undefined]) {
    if (!dataset || sound.has(dataset)) continue;
    checkVocabulary(vocabularies.get(task), checkDataset(dataset));
    sound.add(dataset);
  }
}

/**
 * Builds a task's network, for training and for evaluation, so that a mistake in it shows before any work.
 *
 * @returns how many tokens the network knows; undefined where it looks none up.
 * @throws {MlrSnetError} `TASK_INVALID`, `SHAPE_MISMATCH`, `INVALID_ARGUMENT`: what is wrong, in which layer.
 */
export function checkNetwork(task: Task, definition: NetworkDefinition): number | undefined {
  const trained = traceNetwork(definition, "train", task.batchSize);
  const evaluated = traceNetwork(definition, "eval", mostEvaluated);
  checkSameNames("parameter", namesOf(trained, "parameters"), namesOf(evaluated, "parameters"));
  checkSameNames("statistic", namesOf(trained, "statistics"), namesOf(evaluated, "statistics"));
  checkSameNames("carried tensor", namesOf(trained, "carriedTensors"), namesOf(evaluated, "carriedTensors"));
  checkStream(task, trained);
  const { classes } = task.data.train;
  if (classes !== undefined && typeof task.loss !== "function" && trained.outputs.shape.at(-1)! < classes)
    throw new MlrSnetError(
      "TASK_INVALID",
      `Expected the task's \`model\` to give logits for ${classes} classes, got [${trained.outputs.shape}].`,
    );
  const vocabulary = trained.scope.vocabularyOf("x");
  const { train, test, validation } = task.data;
  for (const dataset of [train, test, validation]) if (dataset) checkVocabulary(vocabulary, dataset);
  return vocabulary;
}

/** The tokens of a data set are in the table that the network's embedding looks them up in. */
function checkVocabulary(vocabulary: number | undefined, dataset: Dataset): void {
  if (vocabulary !== undefined) checkTokens(dataset, vocabulary, "the model's `embeddingLayer`");
}

function namesOf({ scope }: Traced, kind: "parameters" | "statistics" | "carriedTensors"): string[] {
  return scope[kind].map(({ name }) => name);
}

/** What is carried from step to step means something only where the rows of a step go on from those before. */
function checkStream({ batches = "shuffled" }: Task, { scope }: Traced): void {
  const [carried] = scope.carriedTensors;
  if (!carried || batches !== "shuffled") return;
  throw new MlrSnetError(
    "TASK_INVALID",
    `Expected the task's \`batches\` to be "stream" for a model that carries \`${carried.name}\` from step to step, got shuffled ones.`,
  );
}

/** What a network has in evaluation must have been trained. */
function checkSameNames(kind: string, trained: readonly string[], evaluated: readonly string[]): void {
  const missing = evaluated.find((name) => !trained.includes(name));
  if (missing === undefined) return;
  throw new MlrSnetError(
    "TASK_INVALID",
    `Expected the task's \`model\` to have the same ${kind}s in training and evaluation, got \`${missing}\` in evaluation alone.`,
  );
}
