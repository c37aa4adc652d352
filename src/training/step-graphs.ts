import { MlrSnetError } from "../errors.ts";
import {
  add,
  differentiate,
  input,
  matMul,
  multiply,
  reduceMean,
  reshapeTo,
  type Value,
} from "../graph/index.ts";
import { elements, sameShape } from "../graph/internal.ts";
import { type Layout, type Mode, type Model, Scope } from "../nn/index.ts";
import { averageStep, evaluationRule } from "./averaging.ts";
import { fractionCorrect } from "./losses.ts";
import {
  clipGradients,
  euclideanNorm,
  type OptimizerOptions,
  type Slot,
  slotsOf,
  updateDirection,
} from "./optimizers.ts";
import type { Loss } from "./task.ts";

/** What the graphs of a training step are built from. */
export type NetworkDefinition = {
  model: Model;
  loss: Loss;
  optimizer: OptimizerOptions;
  /** Shape of one example. */
  inputShape: readonly number[];
  /** Default float32; int32 for tokens. */
  inputType?: "float32" | "int32";
  /** Default int32, classes; float32 for real targets, of which no predictions are counted. */
  labelType?: "float32" | "int32";
  /** Default 1. */
  labelsPerExample?: number;
};

/** Gradient quantities that some schedules ask for; each is a scalar output of the gradient graph. */
export type GradientQuantity =
  | "gradientDotDirection"
  | "gradientDotPreviousDirection"
  | "gradientNorm"
  | "directionNorm";

export type Traced = { scope: Scope; losses: Value; outputs: Value; labels: Value };

/**
 * Builds the network in a mode. Inputs of the graph: `x` [batch, ...inputShape], `y` [batch] in the labels' type, or
 * [batch, labelsPerExample] where an example has several labels.
 *
 * @throws {MlrSnetError} `TASK_INVALID` if the model or the loss gives something else than it should, or the model has
 * no parameter; what a layer or an operator says, with where in the model it happened.
 */
export function traceNetwork(definition: NetworkDefinition, mode: Mode, batchSize: number): Traced {
  const scope = new Scope(mode);
  const { inputShape, inputType, labelType = "int32", labelsPerExample = 1 } = definition;
  const labels = input("y", labelsPerExample === 1 ? [batchSize] : [batchSize, labelsPerExample], labelType);
  const outputs = runModel(
    definition.model,
    scope,
    input("x", [batchSize, ...inputShape], inputType),
    batchSize,
  );
  checkTensor("model", "a tensor [batch, ...]", outputs, outputs?.shape?.[0] === batchSize);
  if (scope.parameters.length === 0)
    throw new MlrSnetError("TASK_INVALID", "Expected the task's `model` to have a parameter, got none.");
  const losses = definition.loss(outputs, labels);
  checkTensor(
    "loss",
    "the loss of each example, [batch]",
    losses,
    sameShape(losses?.shape ?? [], [batchSize]),
  );
  return { scope, outputs, labels, losses };
}

/** The model's outputs; an error of ours is told with the place in the model, and with the batch it was built for. */
function runModel(model: Model, scope: Scope, x: Value, batchSize: number): Value {
  try {
    return model(scope, x);
  } catch (cause) {
    if (!(cause instanceof MlrSnetError)) throw cause;
    const { open, last } = scope.progress;
    const place = open ? "" : `In the model, ${last ? `after ${last}` : "before its first layer"}: `;
    const inEvaluation = ` This was for evaluation, in batches of ${batchSize} and not of the size that training has: take it from the tensor's shape.`;
    throw new MlrSnetError(
      cause.code,
      `${place}${cause.message}${scope.mode === "eval" ? inEvaluation : ""} The model's x is ${x.dataType} [${x.shape}].`,
      { cause },
    );
  }
}

function checkTensor(part: string, expected: string, got: Value | undefined, fits: boolean): void {
  if (fits && got!.dataType === "float32") return;
  const what = got?.shape ? `${got.dataType} [${got.shape}]` : `no tensor but ${typeof got}`;
  throw new MlrSnetError("TASK_INVALID", `Expected the task's \`${part}\` to give ${expected}, got ${what}.`);
}

/**
 * First part of a step: weights, optimizer state and batch to the mean loss L, the update direction d, the new
 * optimizer state and the new statistics.
 *
 * Outputs: `loss`; `d.<parameter>`; `next.o.<slot>.<parameter>`; `next.s.<statistic>`; `next.c.<carried>`; the gradient
 * quantities by name.
 * Inputs beside those of the network: `o.<slot>.<parameter>`, `p.<parameter>` (the previous direction).
 */
export function gradientGraph(
  definition: NetworkDefinition,
  batchSize: number,
  quantities: readonly GradientQuantity[] = [],
): Record<string, Value> {
  const { scope, losses } = traceNetwork(definition, "train", batchSize);
  const loss = reduceMean(losses);
  const raw = gradientsOf(loss, scope);
  const { clipNorm } = definition.optimizer;
  const gradients = clipNorm === undefined ? raw : clipGradients(raw, clipNorm);
  const graph: Record<string, Value> = { loss };
  const directions: Value[] = [];
  for (const [index, { name, shape, value }] of scope.parameters.entries()) {
    const state: Partial<Record<Slot, Value>> = {};
    for (const slot of slotsOf(definition.optimizer)) state[slot] = input(`o.${slot}.${name}`, shape);
    const update = updateDirection(definition.optimizer, value, gradients[index]!, state);
    directions.push(update.direction);
    graph[`d.${name}`] = update.direction;
    for (const [slot, next] of Object.entries(update.state)) graph[`next.o.${slot}.${name}`] = next;
    if (state.average) graph[`next.o.average.${name}`] = averageStep(value, state.average);
  }
  for (const { name, next } of scope.statistics) graph[`next.s.${name}`] = next;
  Object.assign(graph, carriedOutputs(scope));
  const previous = scope.parameters.map(({ name, shape }) => input(`p.${name}`, shape));
  const quantity: Record<GradientQuantity, () => Value> = {
    gradientDotDirection: () => innerProduct(raw, directions),
    gradientDotPreviousDirection: () => innerProduct(raw, previous),
    gradientNorm: () => euclideanNorm(raw),
    directionNorm: () => euclideanNorm(directions),
  };
  for (const name of quantities) graph[name] = quantity[name]();
  return graph;
}

/**
 * The look-ahead of the paper: the loss at the weights given, on a validation batch, and the inner product of its
 * gradient with a direction. The only outputs are two scalars, `loss` and `innerProduct`: <∇L_val(ŵ), d>.
 *
 * The network runs in training mode, as in the released code: batch statistics, no update of the running ones. State that
 * it carries is read and not handed on.
 */
export function lookAheadGraph(definition: NetworkDefinition, batchSize: number): Record<string, Value> {
  const { scope, losses } = traceNetwork(definition, "train", batchSize);
  const loss = reduceMean(losses);
  const directions = scope.parameters.map(({ name, shape }) => input(`d.${name}`, shape));
  return { loss, innerProduct: innerProduct(gradientsOf(loss, scope), directions) };
}

/**
 * Loss of each example and, where the labels are classes, the fraction of them predicted, of a network in evaluation mode:
 * outputs `losses` and `correct`, both [batch], and `next.c.<carried>`.
 */
export function evaluationGraph({ scope, losses, outputs, labels }: Traced): Record<string, Value> {
  const judged =
    labels.dataType === "int32" ? { losses, correct: fractionCorrect(outputs, labels) } : { losses };
  return { ...judged, ...carriedOutputs(scope) };
}

/**
 * The weights at which evaluation happens, `e.<parameter>`, from those of training and the optimizer's state; undefined
 * where they are those of training.
 */
export function evaluationWeightsGraph(
  optimizer: OptimizerOptions,
  parameters: Layout["entries"],
): Record<string, Value> | undefined {
  const rule = evaluationRule(optimizer);
  if (!rule) return undefined;
  const weights = parameters.map(({ name, shape }) => {
    const state = slotsOf(optimizer).map((slot) => [slot, input(`o.${slot}.${name}`, shape)]);
    return [`e.${name}`, rule(input(`w.${name}`, shape), Object.fromEntries(state))];
  });
  return Object.fromEntries(weights);
}

function carriedOutputs(scope: Scope): Record<string, Value> {
  return Object.fromEntries(scope.carriedTensors.map(({ name, next }) => [`next.c.${name}`, next]));
}

function gradientsOf(loss: Value, scope: Scope): Value[] {
  const parameters = scope.parameters.map(({ value }) => value);
  // A parameter that the loss does not depend on keeps still.
  return differentiate(loss, parameters).map(
    (gradient, index) => gradient ?? multiply(parameters[index]!, 0),
  );
}

/** Sum over all tensors of the sum of products, a scalar; each term one vector product without a temporary. */
function innerProduct(a: readonly Value[], b: readonly Value[]): Value {
  const terms = a.map((tensor, index) => {
    const length = elements(tensor.shape);
    return reshapeTo(matMul(reshapeTo(tensor, [1, length]), reshapeTo(b[index]!, [length, 1])), []);
  });
  return terms.reduce((sum, term) => add(sum, term));
}
