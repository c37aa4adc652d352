/* The inner door: what other floors need of nn/ and users do not. No entry of the package. */
export { views } from "./layout.ts";
export { populationAttention } from "./population-attention.ts";
export { populationConvolution } from "./population-convolution.ts";
export { oneHot, populationEmbedding, populationLinear } from "./population-linear.ts";
export { populationBatchNormalization, populationLayerNormalization } from "./population-normalization.ts";
export { populationGru, populationLstm } from "./population-recurrent.ts";
