export {
  type DatasetEntry,
  type DatasetListing,
  fetchDataset,
  type LoadedData,
  type LoadOptions,
  listDatasets,
  loadDataset,
} from "./catalogue.ts";
export { type Cifar10Source, cifar10Source, loadCifar10, parseCifar10 } from "./cifar10.ts";
export {
  allocateInputs,
  checkDataset,
  copyExamples,
  type DataSplits,
  type Dataset,
  exampleCount,
  type Inputs,
  inputLength,
  inputTypeOf,
  type Labels,
  labelTypeOf,
  splitOff,
  splitRandomly,
  splitValidation,
  subset,
  type TrainTest,
} from "./dataset.ts";
export type { DownloadProgress } from "./download.ts";
export { type GeneratedKind, type GeneratedSpec, generateData, generatedShapes } from "./generated.ts";
export { encodeIdx, type Idx, parseIdx, readIdx } from "./idx.ts";
export { BatchLoader, type BatchLoaderOptions } from "./loader.ts";
export { type DataOptions, dataFolders } from "./locate.ts";
export { generateMnist1d, type Mnist1dOptions, mnist1dTemplates } from "./mnist1d.ts";
export { loadSmsSpam, parseSmsSpam, type SmsSpamOptions, smsSpamSource } from "./sms-spam.ts";
export {
  cutWindows,
  encodeCharacters,
  loadText,
  type TextSource,
  tinyShakespeareSource,
} from "./tiny-shakespeare.ts";
export { bagOfWords, buildVocabulary, encodeWords, splitWords } from "./words.ts";
