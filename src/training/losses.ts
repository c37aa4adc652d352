import {
  correctPredictions,
  reduceMean,
  reshapeTo,
  softmaxCrossEntropy,
  type Value,
} from "../graph/index.ts";

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
