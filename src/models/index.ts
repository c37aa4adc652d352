export { cnn, cnnBatchNormalization, gru, logistic, mlp, plainMlp } from "./mnist1d.ts";
