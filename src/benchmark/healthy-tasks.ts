import {
  cifar10Source,
  type Dataset,
  exampleCount,
  type GeneratedKind,
  generateData,
  loadCifar10,
  loadDataset,
  loadSmsSpam,
  loadText,
  smsSpamSource,
  subset,
  type TextSource,
  tinyShakespeareSource,
} from "../data/index.ts";
import { reshapeTo } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import {
  bagMlp,
  characterGru,
  cnn,
  cnnBatchNormalization,
  embeddingMean,
  gru,
  imageCnn,
  imageCnnBatchNormalization,
  imageMlp,
  mlp,
  plainMlp,
} from "../models/index.ts";
import { linearLayer, type Model } from "../nn/index.ts";
import { Random } from "../random.ts";
import type { OptimizerOptions, Task } from "../training/index.ts";
import type { HealthyOptimizer, HealthyTraining } from "./healthy-trainings.ts";

/** Words in the vocabulary of SMS Spam, and tokens of the generated tasks. */
const vocabularies = { "sms-spam": 2000, markov: 16, patterns: 16 } as const;

/** Training examples, at most: loading and the initial loss stay short. */
const mostExamples = 4000;
const generatedExamples = 2000;

/** Penn Treebank by characters, its training text alone. */
const ptbSource: TextSource = {
  name: "ptb",
  characters: 50,
  file: {
    name: "ptb.train.txt",
    bytes: 5101618,
    sha256: "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    addresses: [],
  },
};

const networks: Readonly<Record<string, (data: string, train: Dataset) => Model>> = {
  logistic: () => logistic(10),
  "residual-mlp": () => mlp,
  "plain-mlp": () => plainMlp(32),
  conv1d: () => cnn,
  "conv1d-bn": () => cnnBatchNormalization,
  "bi-gru": () => gru,
  "image-mlp": () => imageMlp(64),
  "image-cnn": () => imageCnn,
  "image-cnn-bn": () => imageCnnBatchNormalization,
  "bag-logistic": () => logistic(2),
  "bag-mlp": () => bagMlp(32),
  "embedding-mean": (data) => embeddingMean(vocabularies[data as keyof typeof vocabularies], 16),
  "character-gru": (_, { classes }) => characterGru(classes!, 16, 64),
};

const optimizers: Record<HealthyOptimizer, OptimizerOptions> = {
  sgd: { kind: "sgd", weightDecay: 5e-4 },
  momentum: { kind: "sgd", momentum: 0.9, weightDecay: 5e-4 },
  adam: { kind: "adam" },
  adamw: { kind: "adamw", weightDecay: 0.01 },
};

/** Loads the data of trainings, each set once. @param dataDirectory holds the real ones; nothing is downloaded. */
export class HealthyTasks {
  readonly #dataDirectory: string | undefined;
  readonly #loaded = new Map<string, Dataset>();

  constructor(dataDirectory?: string) {
    this.#dataDirectory = dataDirectory;
  }

  /** @param data default: those of the training; for a warm start others. @throws {MlrSnetError} `DATA_NOT_FOUND`. */
  async load(training: HealthyTraining, data: string = training.data): Promise<Task> {
    const { name, network, optimizer, batchSize, steps, dataSeed, labelNoise = 0, seed } = training;
    const clean =
      dataSeed === undefined ? await this.#real(data, network) : generated(data, network, dataSeed);
    const train = data === training.data ? withLabelNoise(clean, labelNoise, seed) : clean;
    const clipped = network.endsWith("gru") ? { clipNorm: 1 } : {};
    return {
      name,
      data: { train, test: train, validation: train }, // nothing is evaluated but the initial loss
      model: networks[network]!(data, train),
      optimizer: { ...optimizers[optimizer], ...clipped },
      ...{ batchSize, steps },
    };
  }

  async #real(data: string, network: string): Promise<Dataset> {
    const key = `${data} ${network === "embedding-mean" ? "tokens" : ""}`;
    const dataset = this.#loaded.get(key) ?? (await this.#read(data, network));
    this.#loaded.set(key, dataset);
    return dataset;
  }

  async #read(data: string, network: string): Promise<Dataset> {
    const options = { dataDir: this.#dataDirectory, download: false };
    const tokens = { form: "tokens", vocabulary: vocabularies["sms-spam"] } as const;
    const readers: Record<string, () => Promise<{ train: Dataset }>> = {
      "cifar-10": () => loadCifar10(cifar10Source, { ...options, batches: 1 }),
      "sms-spam": () =>
        loadSmsSpam(smsSpamSource, network === "embedding-mean" ? { ...options, ...tokens } : options),
      "tiny-shakespeare": () => loadText(tinyShakespeareSource, { ...options, window: 32 }),
      ptb: () => loadText(ptbSource, { ...options, window: 32 }),
    };
    const { train } = await (readers[data]?.() ?? loadDataset(data, options));
    const count = Math.min(mostExamples, exampleCount(train));
    return subset(
      train,
      Uint32Array.from({ length: count }, (_, index) => index),
    );
  }
}

/** A task of ten classes, or of two for words. */
function generated(kind: string, network: string, seed: number): Dataset {
  const classes = network === "embedding-mean" ? 2 : 10;
  const spec = { kind: kind as GeneratedKind, seed, examples: generatedExamples, classes };
  const { train } = generateData({ ...spec, labelNoise: 0, inputNoise: 0.1 });
  // One channel: where it stands is the same memory.
  return kind === "images" ? { ...train, inputShape: [1, ...train.inputShape.slice(0, 2)] } : train;
}

function withLabelNoise(dataset: Dataset, share: number, seed: number): Dataset {
  if (share === 0) return dataset;
  const random = new Random(seed, "healthy", "label-noise");
  const labels = dataset.labels.map((label) => {
    const drawn = random.integer(dataset.classes!);
    return random.uniform() < share ? drawn : label;
  });
  return { ...dataset, labels };
}

/** Logistic regression on inputs of any shape. */
function logistic(classes: number): Model {
  return (scope, x) =>
    linearLayer(scope.child("linear"), reshapeTo(x, [x.shape[0]!, elements(x.shape.slice(1))]), classes);
}
