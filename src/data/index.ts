export {
  checkDataset,
  copyExamples,
  type DataSplits,
  type Dataset,
  inputLength,
  splitOff,
  splitValidation,
  subset,
  type TrainTest,
} from "./dataset.ts";
export { BatchLoader, type BatchLoaderOptions } from "./loader.ts";
export { generateMnist1d, type Mnist1dOptions, mnist1dTemplates } from "./mnist1d.ts";
