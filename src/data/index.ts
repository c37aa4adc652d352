export type { Augmentation, CropAndFlipOptions } from "./augmentation.ts";
export { augmented, cropAndFlip } from "./augmentation.ts";
export type { Batches } from "./batches.ts";
export {
  type DatasetEntry,
  type DatasetListing,
  fetchDataset,
  type LoadedData,
  type LoadOptions,
  listDatasets,
  loadDataset,
} from "./catalogue.ts";
export { checkDataset } from "./check-dataset.ts";
export { type Cifar10Source, cifar10Source, loadCifar10 } from "./cifar10.ts";
export {
  type DataSplits,
  type Dataset,
  exampleCount,
  type Inputs,
  type Labels,
  type Pixels,
  type StoredInputs,
  type TrainTest,
} from "./dataset.ts";
export type { DownloadProgress } from "./download.ts";
export { copyExamples, subset } from "./examples.ts";
export { type GeneratedKind, type GeneratedSpec, generateData, generatedShapes } from "./generated.ts";
export { encodeIdx, type Idx, parseIdx } from "./idx.ts";
export { type DataOptions, dataFolders } from "./locate.ts";
export { generateMnist1d, type Mnist1dOptions } from "./mnist1d.ts";
export { ShuffledBatches, type ShuffledBatchesOptions } from "./shuffled-batches.ts";
export { loadSmsSpam, type SmsSpamOptions, smsSpamSource } from "./sms-spam.ts";
export { splitEnd, splitOff, splitRandomly, splitValidation } from "./split.ts";
export type { StreamBatchesOptions } from "./stream-batches.ts";
export { StreamBatches } from "./stream-batches.ts";
export {
  cutWindows,
  encodeCharacters,
  loadText,
  type TextSource,
  tinyShakespeareSource,
} from "./tiny-shakespeare.ts";
export { bagOfWords, buildVocabulary, encodeWords, splitWords } from "./words.ts";
