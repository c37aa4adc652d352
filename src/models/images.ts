import { globalAveragePool, relu, reshapeTo, type Value } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { batchNormalizationLayer, convolutionLayer, linearLayer, type Model } from "../nn/index.ts";

/* Small networks for images, ours; all take [batch, channels, height, width] to logits [batch, 10]. */

const classes = 10;

/** One hidden layer with relu: for MNIST 784-h-10. */
export function imageMlp(hidden: number): Model {
  return (scope, x) =>
    linearLayer(
      scope.child("linear2"),
      relu(linearLayer(scope.child("linear1"), flatten(x), hidden)),
      classes,
    );
}

/** Two 3x3 convolutions with stride 2 and relu, then linear: for Fashion-MNIST 9,098 parameters. */
export const imageCnn: Model = (scope, x) => {
  let h = x;
  for (const [index, channels] of [8, 16].entries())
    h = relu(convolutionLayer(scope.child(`conv${index + 1}`), h, channels, 3, { stride: 2, padding: 1 }));
  return linearLayer(scope.child("linear"), flatten(h), classes);
};

/** Three 3x3 convolutions with stride 2, each with batch normalisation and relu, then the mean over positions: for CIFAR-10 24,346 parameters. */
export const imageCnnBatchNormalization: Model = (scope, x) => {
  let h = x;
  for (const [index, channels] of [16, 32, 64].entries()) {
    const options = { stride: 2, padding: 1, bias: false };
    h = convolutionLayer(scope.child(`conv${index + 1}`), h, channels, 3, options);
    h = relu(batchNormalizationLayer(scope.child(`bn${index + 1}`), h));
  }
  return linearLayer(scope.child("linear"), globalAveragePool(h), classes);
};

function flatten(x: Value): Value {
  return reshapeTo(x, [x.shape[0]!, elements(x.shape.slice(1))]);
}
