export { cnnSmall, mlp784 } from "./bench-networks.ts";
export { cnn, cnnBatchNormalization, gru, logistic, mlp, plainMlp } from "./mnist1d.ts";
