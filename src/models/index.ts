export { cnnSmall, mlp784 } from "./bench-networks.ts";
export { drawnNetwork, type NetworkSpec } from "./drawn-networks.ts";
export { imageCnn, imageCnnBatchNormalization, imageMlp } from "./images.ts";
export { cnn, cnnBatchNormalization, gru, logistic, mlp, plainMlp } from "./mnist1d.ts";
export { populationNetwork } from "./population-networks.ts";
export { bagMlp, characterGru, embeddingMean } from "./text.ts";
