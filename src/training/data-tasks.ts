import {
  cifar10Source,
  type DataOptions,
  type Dataset,
  exampleCount,
  loadCifar10,
  loadDataset,
  loadSmsSpam,
  loadText,
  smsSpamSource,
  tinyShakespeareSource,
} from "../data/index.ts";
import { subset } from "../data/internal.ts";
import {
  bagMlp,
  characterGru,
  embeddingMean,
  imageCnn,
  imageCnnBatchNormalization,
  imageMlp,
} from "../models/index.ts";
import type { OptimizerOptions } from "./optimizers.ts";
import type { Task } from "./task.ts";
import type { TaskEntry } from "./tasks.ts";

type DataTask = Omit<Task, "data"> & {
  summary: string;
  load(options: DataOptions): Promise<Task["data"]>;
};

/** Words in the vocabulary of SMS Spam, padding and the unknown word included. */
const vocabulary = 2000;

const momentum: OptimizerOptions = { kind: "sgd", momentum: 0.9, weightDecay: 5e-4 };

const definitions: readonly DataTask[] = [
  {
    name: "mnist/mlp",
    summary: "MNIST, first 10,000 / 2,000 digits; MLP 784-64-10, 50,890 parameters",
    load: async (options) => beginnings(await loadDataset("mnist", options)),
    model: imageMlp(64),
    optimizer: { kind: "sgd", weightDecay: 5e-4 },
    batchSize: 100,
    steps: 1000,
  },
  {
    name: "fashion-mnist/cnn",
    summary: "Fashion-MNIST, first 10,000 / 2,000 images; two convolutions of 8 and 16 channels",
    load: async (options) => beginnings(await loadDataset("fashion-mnist", options)),
    model: imageCnn,
    optimizer: momentum,
    batchSize: 64,
    steps: 1000,
  },
  {
    name: "cifar-10/cnn-bn",
    summary: "CIFAR-10, training batch 1 and 2,000 test images; three batch-normalised convolutions",
    load: async (options) => beginnings(await loadCifar10(cifar10Source, { ...options, batches: 1 })),
    model: imageCnnBatchNormalization,
    optimizer: momentum,
    batchSize: 64,
    steps: 1500,
  },
  {
    name: "sms-spam/bag-mlp",
    summary: "SMS Spam, bags of 512 hashed words; MLP 512-32-2, 16,482 parameters",
    load: (options) => loadSmsSpam(smsSpamSource, options),
    model: bagMlp(32),
    optimizer: { kind: "sgd", weightDecay: 5e-4 },
    batchSize: 32,
    steps: 1000,
  },
  {
    name: "sms-spam/embedding-mean",
    summary: "SMS Spam, 48 words of 2,000; mean of their vectors of 16, then linear, Adam",
    load: (options) => loadSmsSpam(smsSpamSource, { ...options, form: "tokens", vocabulary }),
    model: embeddingMean(vocabulary, 16),
    optimizer: { kind: "adam" },
    batchSize: 32,
    steps: 1000,
  },
  {
    name: "tiny-shakespeare/gru",
    summary: "Tiny Shakespeare, next of 65 characters in windows of 32; embedding 16, GRU 64, Adam",
    load: async (options) => beginnings(await loadText(tinyShakespeareSource, { ...options, window: 32 })),
    model: characterGru(65, 16, 64),
    optimizer: { kind: "adam", clipNorm: 1 },
    batchSize: 32,
    steps: 1500,
  },
];

/** Tasks on data that this package does not bring; loading one never downloads. */
export const dataTasks: readonly TaskEntry[] = definitions.map(({ summary, load, ...task }) => ({
  name: task.name,
  summary,
  steps: task.steps,
  load: async ({ dataDirectory } = {}) => ({
    ...task,
    data: await load({ dataDir: dataDirectory, download: false }),
  }),
}));

/** At most the first 10,000 training, 1,000 validation and 2,000 test examples: runs of seconds. */
function beginnings({ train, validation, test }: Task["data"]): Task["data"] {
  const parts = { train: first(train, 10_000), test: first(test, 2000) };
  return validation ? { ...parts, validation: first(validation, 1000) } : parts;
}

function first(dataset: Dataset, count: number): Dataset {
  return subset(
    dataset,
    Uint32Array.from({ length: Math.min(count, exampleCount(dataset)) }, (_, index) => index),
  );
}
