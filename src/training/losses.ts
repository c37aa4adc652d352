import { MlrSnetError } from "../errors.ts";
import {
  abs,
  correctPredictions,
  reduceMean,
  reshapeTo,
  softmaxCrossEntropy,
  square,
  subtract,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";

/**
 * Cross-entropy of each example, in nats; of an example with several labels the mean over them.
 *
 *     l_b = 1/T Σ_t -log softmax(logits_bt)[label_bt]
 *
 * @param logits [batch, classes], or [batch, T, classes]. @param labels int32 [batch], or [batch, T]. @returns [batch].
 */
export function crossEntropy(logits: Value, labels: Value): Value {
  return perExample(softmaxCrossEntropy, logits, labels);
}

/** The fraction of an example's labels that have the largest logit; shapes as in `crossEntropy`. Not differentiable. */
export function fractionCorrect(logits: Value, labels: Value): Value {
  return perExample(correctPredictions, logits, labels);
}

/**
 * Squared error of each example, the mean over its targets.
 *
 *     l_b = 1/T Σ_t (output_bt - target_bt)²
 *
 * @param outputs [batch], or [batch, ...] with as many numbers an example as it has targets.
 * @param targets float32 [batch], or [batch, T]. @returns [batch].
 * @throws {MlrSnetError} `TASK_INVALID` for another number of outputs.
 */
export function squaredErrors(outputs: Value, targets: Value): Value {
  return reduceMean(square(errorsOf(outputs, targets)), [1]);
}

/** Absolute error of each example, the mean over its targets: l_b = 1/T Σ_t |output_bt - target_bt|. Else as `squaredErrors`. */
export function absoluteErrors(outputs: Value, targets: Value): Value {
  return reduceMean(abs(errorsOf(outputs, targets)), [1]);
}

/** [batch, T]. The shapes [batch, 1] and [batch] of a single target must not broadcast against each other. */
function errorsOf(outputs: Value, targets: Value): Value {
  const batch = targets.shape[0]!;
  const count = elements(targets.shape) / batch;
  if (elements(outputs.shape) !== batch * count)
    throw new MlrSnetError(
      "TASK_INVALID",
      `Expected the task's \`model\` to give ${count === 1 ? "one output" : `${count} outputs`} an example, as many as it has targets, [${batch}, ${count}], got [${outputs.shape}].`,
    );
  return subtract(reshapeTo(outputs, [batch, count]), reshapeTo(targets, [batch, count]));
}

function perExample(perLabel: (logits: Value, labels: Value) => Value, logits: Value, labels: Value): Value {
  if (labels.shape.length === 1) return perLabel(logits, labels);
  const [batch, count] = labels.shape as [number, number];
  const classes = logits.shape.at(-1)!;
  // A wrong shape keeps its own, so that the operator names it.
  const fits = logits.shape.join() === [batch, count, classes].join();
  const flat = perLabel(
    fits ? reshapeTo(logits, [batch * count, classes]) : logits,
    reshapeTo(labels, [batch * count]),
  );
  return reduceMean(reshapeTo(flat, [batch, count]), [1]);
}
