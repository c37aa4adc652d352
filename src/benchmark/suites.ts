import { type Dataset, generateMnist1d, type TrainTest } from "../data/index.ts";
import { MlrSnetError } from "../errors.ts";
import { cnn, gru, mlp } from "../models/index.ts";
import { Random } from "../random.ts";
import { unknownName } from "../schedules/internal.ts";
import type { Task, TaskEntry } from "../training/index.ts";
import { findTask } from "../training/internal.ts";

/** The paper's optimizer for images: SGD without momentum, weight decay 5e-4. */
const paperSgd = { kind: "sgd", weightDecay: 5e-4 } as const;

/** Share of the training labels of the noisy task that are replaced. */
const labelNoise = 0.3;

/**
 * The development suite: all choices about learned schedules are made on these tasks, and so it says how good a schedule
 * is on what it was chosen on. A later `final` suite has other tasks and other data, and chooses nothing.
 *
 * Runs of seconds. A task with the name of a built-in one differs from it in length alone. The three on MNIST-1D come
 * from other seeds than the built-in tasks, on which schedules are learned.
 */
export const devSuite: readonly TaskEntry[] = [
  shortened("mnist/mlp", 800),
  shortened("fashion-mnist/cnn", 800),
  shortened("cifar-10/cnn-bn", 500),
  shortened("sms-spam/bag-mlp", 800),
  shortened("sms-spam/embedding-mean", 800),
  shortened("tiny-shakespeare/gru", 400),
  generated({
    name: "dev/mnist1d-mlp",
    summary: "MNIST-1D of seed 1001, residual MLP 40-100-100-10",
    data: () => generateMnist1d({ seed: 1001 }),
    model: mlp,
    optimizer: paperSgd,
    batchSize: 100,
    steps: 2000,
  }),
  generated({
    name: "dev/mnist1d-gru",
    summary: "MNIST-1D of seed 1002, bidirectional GRU, gradient clipped at norm 1",
    data: () => generateMnist1d({ seed: 1002 }),
    model: gru,
    optimizer: { ...paperSgd, clipNorm: 1 },
    batchSize: 100,
    steps: 400,
  }),
  generated({
    name: "dev/mnist1d-cnn-noisy",
    summary: "MNIST-1D of seed 1003 with 30 % of the training labels random; three convolutions, momentum",
    data: () => withLabelNoise(generateMnist1d({ seed: 1003 }), 1003),
    model: cnn,
    optimizer: { ...paperSgd, momentum: 0.9 },
    batchSize: 50,
    steps: 800,
  }),
];

/** The tasks of the suite that need no data from outside. */
export const generatedTasks: readonly string[] = devSuite
  .map(({ name }) => name)
  .filter((name) => name.startsWith("dev/"));

/** @throws {MlrSnetError} `INVALID_ARGUMENT` for `final`, which is not here yet; `UNKNOWN_NAME`. */
export function findSuite(name: string): readonly TaskEntry[] {
  if (name === "dev") return devSuite;
  if (name === "final")
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      "Expected the suite to be dev, got final: it has other tasks and data and comes in a later release.",
    );
  throw unknownName("suite", name, ["dev", "final"]);
}

function shortened(name: string, steps: number): TaskEntry {
  const { summary, load } = findTask(name);
  return { name, summary, steps, load: async (options) => ({ ...(await load(options)), steps }) };
}

function generated(definition: Omit<Task, "data"> & { summary: string; data: () => TrainTest }): TaskEntry {
  const { summary, data, ...task } = definition;
  return { name: task.name, summary, steps: task.steps, load: async () => ({ ...task, data: data() }) };
}

/**
 * Replaces labels of the training data by random ones, of which a tenth happens to be right. A validation part that is
 * split off is as noisy as the rest, as it would be in reality; the test data stay clean.
 */
function withLabelNoise({ train, test }: TrainTest, seed: number): TrainTest {
  const classes = train.classes!;
  const random = new Random(seed, "benchmark", "label-noise");
  const noisy: Dataset = {
    ...train,
    labels: train.labels.map((label) => {
      const drawn = random.integer(classes);
      return random.uniform() < labelNoise ? drawn : label;
    }),
  };
  return { train: noisy, test };
}
