import { MlrSnetError } from "../../errors.ts";
import { placed } from "../batching.ts";
import {
  type Attributes,
  apply,
  applyAll,
  type Batched,
  type BatchingRule,
  type Operator,
} from "../operator.ts";
import { sameShape, type TensorType, type Value } from "../value.ts";
import { multiply } from "./arithmetic.ts";
import { reshapeTo } from "./broadcast.ts";

function checkClassification([logits, labels]: readonly Value[]): [batch: number, classes: number] {
  const [batch, classes] = logits!.shape;
  if (logits!.shape.length !== 2 || !sameShape(labels!.shape, [batch!]) || labels!.dataType !== "int32")
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected logits [batch, classes] and int32 labels [batch], got [${logits!.shape}] and ${labels!.dataType} [${labels!.shape}].`,
    );
  return [batch!, classes!];
}

/** The batching rule of functions of each example: those of all members are one batch. */
function byExample(
  ...[{ operator, attributes, outputs }, inputs, { along, count }]: Parameters<BatchingRule<Attributes>>
): Batched[] {
  const flat = inputs
    .map((x) => along(x, 0))
    .map((x) => reshapeTo(x, [x.shape[0]! * x.shape[1]!, ...x.shape.slice(2)]));
  const all = applyAll(operator, flat, attributes);
  return placed(
    all.map((y, index) => reshapeTo(y, [count, ...outputs[index]!.shape])),
    0,
  );
}

// l = -log softmax(x)[label];  dx = (softmax(x) - onehot(label)) dl. The second output, log softmax(x), serves the gradient.
const softmaxCrossEntropyOperator: Operator = {
  name: "softmaxCrossEntropy",
  infer: (inputs) => {
    const shape = checkClassification(inputs);
    return [
      { shape: [shape[0]], dataType: "float32" },
      { shape, dataType: "float32" },
    ];
  },
  gradient: ({ inputs: [x, labels], outputs: [, logProbabilities] }, [dl]) => [
    multiply(
      apply(probabilityErrorOperator, [logProbabilities!, labels!], {}),
      reshapeTo(dl!, [x!.shape[0]!, 1]),
    ),
    undefined,
  ],
  batching: byExample,
  lowerings: {
    onnx: {
      emit: (emitter, _node, [x, labels]) => {
        const [logProbabilities] = emitter.node("LogSoftmax", [x!], { axis: 1 });
        const [column] = emitter.node("Unsqueeze", [labels!, emitter.integers([1])]);
        const [picked] = emitter.node("GatherElements", [logProbabilities!, column!], { axis: 1 });
        const [row] = emitter.node("Squeeze", [picked!, emitter.integers([1])]);
        return [emitter.node("Neg", [row!])[0]!, logProbabilities!];
      },
    },
  },
};

// y = exp(log probabilities) - onehot(label)
const probabilityErrorOperator: Operator = {
  name: "probabilityError",
  infer: (inputs): TensorType[] => [{ shape: checkClassification(inputs), dataType: "float32" }],
  batching: byExample,
  lowerings: {
    onnx: {
      emit: (emitter, { inputs: [x] }, [logProbabilities, labels]) => {
        const depth = emitter.floats([x!.shape[1]!]);
        const [oneHot] = emitter.node("OneHot", [labels!, depth, emitter.floats([0, 1], [2])], { axis: 1 });
        return emitter.node("Sub", [emitter.node("Exp", [logProbabilities!])[0]!, oneHot!]);
      },
    },
  },
};

// y = 1 where argmax(x) = label, else 0
const correctPredictionsOperator: Operator = {
  name: "correctPredictions",
  infer: (inputs) => [{ shape: [checkClassification(inputs)[0]], dataType: "float32" }],
  batching: byExample,
  lowerings: {
    onnx: {
      emit: (emitter, _node, [logits, labels]) => {
        const [predicted] = emitter.node("ArgMax", [logits!], { axis: 1, keepdims: 0 });
        const [expected] = emitter.node("Cast", [labels!], { to: 7 });
        return emitter.node("Cast", [emitter.node("Equal", [predicted!, expected!])[0]!], { to: 1 });
      },
    },
  },
};

/**
 * -log softmax(logits)[label] of each example, in nats, without overflow.
 *
 * @param logits [batch, classes]. @param labels int32 [batch], from 0 to classes - 1. @returns [batch].
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  return applyAll(softmaxCrossEntropyOperator, [logits, labels], {})[0]!;
}

/**
 * 1 for each example whose largest logit (the first of equals) is at its label, else 0; not differentiable.
 *
 * @param logits [batch, classes]. @param labels int32 [batch]. @returns float32 [batch].
 */
export function correctPredictions(logits: Value, labels: Value): Value {
  return apply(correctPredictionsOperator, [logits, labels], {});
}
