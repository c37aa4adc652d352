export {
  type DatasetEntry,
  type DatasetListing,
  fetchDataset,
  type LoadOptions,
  listDatasets,
  loadDataset,
} from "./catalogue.ts";
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
export type { DownloadProgress } from "./download.ts";
export { encodeIdx, type Idx, parseIdx, readIdx } from "./idx.ts";
export { BatchLoader, type BatchLoaderOptions } from "./loader.ts";
export { type DataOptions, dataFolders } from "./locate.ts";
export { generateMnist1d, type Mnist1dOptions, mnist1dTemplates } from "./mnist1d.ts";
