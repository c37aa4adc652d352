import { globalAveragePool, relu } from "../graph/index.ts";
import { batchNormalizationLayer, convolutionLayer, linearLayer, type Model } from "../nn/index.ts";

/* The networks whose steps `mlr-snet bench` times; the same ones stand in pytorch.py beside it. */

/** 784-256-10 with relu; [batch, 784] to logits [batch, 10]. */
export const mlp784: Model = (scope, x) =>
  linearLayer(scope.child("linear2"), relu(linearLayer(scope.child("linear1"), x, 256)), 10);

/** 3x3 convolutions 3-16, 16-32 and 32-64, the last two with stride 2, batch normalised; [batch, 3, 32, 32] to [batch, 10]. */
export const cnnSmall: Model = (scope, x) => {
  let h = x;
  for (const [index, channels] of [16, 32, 64].entries()) {
    const options = { stride: index === 0 ? 1 : 2, padding: 1, bias: false };
    h = convolutionLayer(scope.child(`conv${index + 1}`), h, channels, 3, options);
    h = relu(batchNormalizationLayer(scope.child(`bn${index + 1}`), h));
  }
  return linearLayer(scope.child("linear"), globalAveragePool(h), 10);
};
