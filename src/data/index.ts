export {
  type DatasetEntry,
  type DatasetListing,
  fetchDataset,
  type LoadedData,
  type LoadOptions,
  listDatasets,
  loadDataset,
} from "./catalogue.ts";
export { type Cifar10Source, cifar10Source, loadCifar10 } from "./cifar10.ts";
export {
  checkDataset,
  type DataSplits,
  type Dataset,
  exampleCount,
  type Inputs,
  type Labels,
  type TrainTest,
} from "./dataset.ts";
export type { DownloadProgress } from "./download.ts";
export { type GeneratedKind, type GeneratedSpec, generateData, generatedShapes } from "./generated.ts";
export { encodeIdx, type Idx, parseIdx } from "./idx.ts";
export { BatchLoader, type BatchLoaderOptions } from "./loader.ts";
export { type DataOptions, dataFolders } from "./locate.ts";
export { generateMnist1d, type Mnist1dOptions } from "./mnist1d.ts";
export { loadSmsSpam, type SmsSpamOptions, smsSpamSource } from "./sms-spam.ts";
export { splitOff, splitRandomly, splitValidation } from "./split.ts";
export {
  cutWindows,
  encodeCharacters,
  loadText,
  type TextSource,
  tinyShakespeareSource,
} from "./tiny-shakespeare.ts";
export { bagOfWords, buildVocabulary, encodeWords, splitWords } from "./words.ts";
