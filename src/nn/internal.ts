/* The inner door: what other floors need of nn/ and users do not. No entry of the package. */
export { repeated } from "./initialise.ts";
export { views } from "./layout.ts";
export { populationAttention } from "./population-attention.ts";
export { populationConvolution } from "./population-convolution.ts";
export { oneHot, populationEmbedding, populationLinear, populationRows } from "./population-linear.ts";
export { populationBatchNormalization, populationLayerNormalization } from "./population-normalization.ts";
export { populationGru, populationLstm } from "./population-recurrent.ts";
