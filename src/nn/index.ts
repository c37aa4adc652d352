export { batchNormalizationLayer } from "./batch-normalization.ts";
export { convolutionLayer } from "./convolution.ts";
export { dropoutLayer } from "./dropout.ts";
export { embeddingLayer } from "./embedding.ts";
export { filled, normal, normalFanIn, uniform, uniformFanIn } from "./initialise.ts";
export { initialWeights, type Layout, layOut, views } from "./layout.ts";
export { linearLayer } from "./linear.ts";
export { populationAttention } from "./population-attention.ts";
export { populationConvolution } from "./population-convolution.ts";
export { oneHot, populationEmbedding, populationLinear } from "./population-linear.ts";
export { populationBatchNormalization, populationLayerNormalization } from "./population-normalization.ts";
export { populationGru, populationLstm } from "./population-recurrent.ts";
export { gruLayer, lstmLayer } from "./recurrent.ts";
export {
  type Initialiser,
  type MaskSpec,
  type Mode,
  type Model,
  type ParameterSpec,
  Scope,
  type StatisticSpec,
} from "./scope.ts";
