import { add, globalAveragePool, relu, reshapeTo, type Value } from "../graph/index.ts";
import {
  batchNormalizationLayer,
  convolutionLayer,
  gruLayer,
  linearLayer,
  type Model,
  type Scope,
} from "../nn/index.ts";

/*
 * The networks of "Scaling down deep learning" (Greydanus and Kobak, arXiv 2011.14439), from the notebooks' models.py,
 * and one with batch normalisation. All take [batch, 40] to logits [batch, 10].
 */

const classes = 10;

/** Logistic regression: 410 parameters. */
export const logistic: Model = (scope, x) => linearLayer(scope.child("linear"), x, classes);

/** 40-100-100-10 with relu and a residual second layer: 15,210 parameters. */
export const mlp: Model = (scope, x) => {
  const first = relu(linearLayer(scope.child("linear1"), x, 100));
  const second = add(first, relu(linearLayer(scope.child("linear2"), first, 100)));
  return linearLayer(scope.child("linear3"), second, classes);
};

/** Three strided convolutions of 25 channels, then linear: 5,210 parameters. */
export const cnn: Model = (scope, x) => {
  const h1 = relu(convolutionLayer(scope.child("conv1"), asChannel(x), 25, 5, { stride: 2, padding: 1 }));
  const h2 = relu(convolutionLayer(scope.child("conv2"), h1, 25, 3, { stride: 2, padding: 1 }));
  const h3 = relu(convolutionLayer(scope.child("conv3"), h2, 25, 3, { stride: 2, padding: 1 }));
  return linearLayer(scope.child("linear"), flatten(h3), classes);
};

/** Three strided convolutions of 32 channels, each with batch normalisation, then the mean over positions (ours). */
export const cnnBatchNormalization: Model = (scope, x) => {
  let h = asChannel(x);
  for (const [index, kernel] of [5, 3, 3].entries()) {
    h = convolutionLayer(scope.child(`conv${index + 1}`), h, 32, kernel, {
      stride: index === 0 ? 1 : 2,
      padding: 1,
      bias: false,
    });
    h = relu(batchNormalizationLayer(scope.child(`bn${index + 1}`), h));
  }
  return linearLayer(scope.child("linear"), globalAveragePool(h), classes);
};

/** A bidirectional GRU of 6 units, all its outputs into one linear layer: 5,134 parameters. */
export const gru: Model = (scope, x) => {
  const [batch, time] = x.shape as [number, number];
  const outputs = gruLayer(scope.child("gru"), reshapeTo(x, [batch, time, 1]), 6, { bidirectional: true });
  return linearLayer(scope.child("linear"), flatten(outputs), classes);
};

/** 40-h-h-10 with relu, for transfer to other widths. */
export function plainMlp(hidden: number, depth = 2): Model {
  return (scope: Scope, x: Value) => {
    let h = x;
    for (let layer = 1; layer <= depth; layer++)
      h = relu(linearLayer(scope.child(`linear${layer}`), h, hidden));
    return linearLayer(scope.child(`linear${depth + 1}`), h, classes);
  };
}

function asChannel(x: Value): Value {
  return reshapeTo(x, [x.shape[0]!, 1, x.shape[1]!]);
}

function flatten(x: Value): Value {
  return reshapeTo(x, [x.shape[0]!, x.shape.slice(1).reduce((product, size) => product * size, 1)]);
}
