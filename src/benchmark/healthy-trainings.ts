import type { HealthyPart } from "./healthy-sequences.ts";

export type HealthyOptimizer = "sgd" | "momentum" | "adam" | "adamw";

/** A training that a guard must leave alone: all of it from these fields. JSON-safe. */
export type HealthyTraining = {
  name: string;
  /** The failure of today that it repeats: F1 batches of 1 or 2, F2 and F9 warm starts, F12 label noise; else none. */
  failure?: string;
  /** Folder of a real data set, `mnist1d`, or a kind of generated task. */
  data: string;
  /** Of generated data; real ones have none. */
  dataSeed?: number;
  network: string;
  optimizer: HealthyOptimizer;
  batchSize: number;
  /** `sgdr`: cycles of one, two and four sevenths of the run; `warmup-cosine`: a linear warm-up of a tenth of it first. */
  schedule: "constant" | "cosine" | "sgdr" | "warmup-cosine";
  baseRate: number;
  steps: number;
  seed: number;
  /** Share of the training labels that a random label replaces. */
  labelNoise?: number;
  /** Before it, so many updates with batches of 64 at the usual rate, on these data: what begins is fine-tuning. */
  warmStart?: { data: string; steps: number };
};

/** Data, network, and how many times dearer its step is than that of a small network. */
type Pair = readonly [data: string, network: string, cost: number];

const pairs: Record<HealthyPart, readonly Pair[]> = {
  judge: [
    ["mnist1d", "logistic", 1],
    ["mnist1d", "residual-mlp", 1],
    ["mnist1d", "conv1d", 3],
    ["mnist1d", "conv1d-bn", 4],
    ["mnist1d", "bi-gru", 4],
    ["mnist", "logistic", 1],
    ["mnist", "image-mlp", 1],
    ["mnist", "image-cnn-bn", 8],
    ["fashion-mnist", "image-mlp", 1],
    ["fashion-mnist", "image-cnn", 2],
    ["cifar-10", "image-mlp", 1],
    ["cifar-10", "image-cnn", 4],
    ["cifar-10", "image-cnn-bn", 10],
    ["sms-spam", "bag-logistic", 1],
    ["sms-spam", "bag-mlp", 1],
    ["sms-spam", "embedding-mean", 1],
    ["tiny-shakespeare", "character-gru", 10],
    ["ptb", "character-gru", 10],
  ],
  fit: [
    ["mixture", "logistic", 1],
    ["mixture", "plain-mlp", 1],
    ["mixture", "bi-gru", 4],
    ["teacher", "residual-mlp", 1],
    ["teacher", "logistic", 1],
    ["images", "image-mlp", 1],
    ["images", "image-cnn", 1],
    ["images", "image-cnn-bn", 2],
    ["markov", "embedding-mean", 1],
    ["patterns", "embedding-mean", 1],
  ],
};

const batchSizes = [1, 2, 4, 8, 16, 32, 64, 128] as const;
const schedules = ["constant", "cosine", "warmup-cosine", "sgdr", "constant"] as const;
const optimizers = ["sgd", "momentum", "adam"] as const;

/** Updates of a small network by batch size, long runs, and the lengths of short ones. */
const longRuns: Readonly<Record<number, number>> = {
  ...{ 1: 4000, 2: 3000, 4: 2000, 8: 1500, 16: 1000, 32: 800, 64: 600, 128: 400 },
};
const shortRuns = [50, 100, 200, 300] as const;

const usual: Record<HealthyOptimizer, number> = { sgd: 0.1, momentum: 0.01, adam: 0.001, adamw: 0.001 };

/** The usual rate; below batches of 32 less, in proportion, and for Adam as the root of it. */
export function rateFor(optimizer: HealthyOptimizer, batchSize: number): number {
  const part = Math.min(1, batchSize / 32);
  const isSgd = optimizer === "sgd" || optimizer === "momentum";
  return Number((usual[optimizer] * (isSgd ? part : Math.sqrt(part))).toPrecision(4));
}

/** Every training of a part: `judge` on seven real data sets, `fit` on generated tasks of other kinds than any of these. */
export function healthyTrainings(part: HealthyPart): HealthyTraining[] {
  const all = [...grid(part), ...(part === "judge" ? judgeSpecial() : fitSpecial())];
  return all.map(({ data, network, optimizer, batchSize, ...rest }, index) => ({
    name: `${part}/${data}/${network}/${optimizer}/b${batchSize}/${index}`,
    ...{ data, ...(part === "fit" && { dataSeed: 5000 + index }), network, optimizer, batchSize },
    ...rest,
  }));
}

type Unnamed = Omit<HealthyTraining, "name" | "dataSeed">;

/** Each pair with each optimizer and three batch sizes; schedules, lengths and AdamW take their turns. */
function grid(part: HealthyPart): Unnamed[] {
  return pairs[part].flatMap(([data, network, cost], row) =>
    optimizers.flatMap((kind, column) =>
      [0, 1, 2].map((turn): Unnamed => {
        const k = 9 * row + 3 * column + turn;
        const optimizer = kind === "adam" && k % 2 === 0 ? "adamw" : kind;
        const batchSize = batchSizes[(3 * k) % batchSizes.length]!;
        const isShort = k % 4 === 3;
        const steps = isShort
          ? shortRuns[(k >> 2) % shortRuns.length]!
          : Math.max(50, Math.round(longRuns[batchSize]! / cost));
        const schedule = schedules[k % schedules.length]!;
        const baseRate = rateFor(optimizer, batchSize);
        return { data, network, optimizer, batchSize, schedule, baseRate, steps, seed: 100 + k };
      }),
    ),
  );
}

/** What was found to fail, each kind twenty times and more; and rates that were tuned, far above the usual one. */
function judgeSpecial(): Unnamed[] {
  const [noisy, plain] = [{ labelNoise: 0.9, failure: "F12" }, { optimizer: "sgd" as const }];
  return [
    ...both([2, 3, 4, 7], (seed, schedule) => ({
      ...{ failure: "F1", data: "mnist1d", network: "residual-mlp", ...plain },
      ...{ batchSize: 1, schedule, baseRate: 0.01, steps: 4000, seed },
    })),
    ...both(
      [
        ["mnist1d", "logistic", 1],
        ["mnist1d", "conv1d", 1],
        ["mnist", "image-mlp", 1],
        ["fashion-mnist", "image-cnn", 1],
        ["cifar-10", "image-mlp", 2],
        ["sms-spam", "bag-mlp", 1],
        ["sms-spam", "bag-logistic", 2],
      ] as const,
      ([data, network, batchSize], schedule) => ({
        ...{ failure: "F1", data, network, ...plain, batchSize },
        ...{ schedule, baseRate: 0.01, steps: 2000, seed: 11 },
      }),
    ),
    ...both(range(10), (index, schedule) => {
      const data = index < 7 ? "mnist" : "sms-spam";
      const network = index < 7 ? "logistic" : "bag-logistic";
      const batchSize = index % 2 === 0 ? 1 : 4;
      return {
        ...{ failure: "F2", data, network, ...plain, batchSize, schedule },
        ...{ baseRate: rateFor("sgd", batchSize), steps: 2000, seed: 21 + index },
        warmStart: { data, steps: 800 },
      };
    }),
    ...both(
      [
        ["mnist", "image-mlp", "mnist", "momentum", 32],
        ["fashion-mnist", "image-mlp", "mnist", "sgd", 64],
        ["fashion-mnist", "image-cnn", "mnist", "adam", 16],
        ["mnist", "image-mlp", "mnist", "adamw", 8],
        ["sms-spam", "bag-mlp", "sms-spam", "momentum", 8],
        ["mnist1d", "residual-mlp", "mnist1d", "adam", 32],
        ["sms-spam", "embedding-mean", "sms-spam", "adam", 4],
      ] as const,
      ([data, network, from, optimizer, batchSize], schedule) => ({
        ...{ failure: "F9", data, network, optimizer, batchSize, schedule },
        ...{ baseRate: rateFor(optimizer, batchSize), steps: 800, seed: 41 },
        warmStart: { data: from, steps: 800 },
      }),
    ),
    ...both(
      [
        ["mnist1d", "residual-mlp", "sgd", 64],
        ["mnist1d", "residual-mlp", "adam", 16],
        ["mnist", "image-mlp", "sgd", 8],
        ["mnist", "image-mlp", "momentum", 32],
        ["fashion-mnist", "image-cnn", "momentum", 16],
        ["cifar-10", "image-mlp", "adam", 1],
        ["sms-spam", "bag-mlp", "sgd", 4],
        ["mnist", "logistic", "sgd", 1],
      ] as const,
      ([data, network, optimizer, batchSize], schedule) => ({
        ...{ ...noisy, data, network, optimizer, batchSize, schedule },
        ...{ baseRate: rateFor(optimizer, batchSize), steps: 1000, seed: 61 },
      }),
    ),
    ...both(
      [
        ["residual-mlp", 1.6, 400],
        ["conv1d", 0.4, 300],
        ["conv1d-bn", 1.6, 200],
        ["bi-gru", 3.2, 200],
      ] as const,
      ([network, baseRate, steps], schedule) => ({
        ...{ data: "mnist1d", network, ...plain, batchSize: 128, schedule, baseRate, steps, seed: 81 },
      }),
    ),
  ];
}

/** The same situations on generated tasks, with other numbers. */
function fitSpecial(): Unnamed[] {
  const situations = [
    ["mixture", "plain-mlp", "sgd", 1, { failure: "F1" }],
    ["images", "image-mlp", "sgd", 1, { failure: "F1" }],
    ["teacher", "logistic", "momentum", 2, { failure: "F1" }],
    ["mixture", "logistic", "sgd", 1, { failure: "F2", warmStart: { data: "mixture", steps: 500 } }],
    ["images", "logistic", "sgd", 4, { failure: "F2", warmStart: { data: "images", steps: 500 } }],
    ["teacher", "residual-mlp", "adam", 16, { failure: "F9", warmStart: { data: "teacher", steps: 500 } }],
    ["images", "image-cnn", "momentum", 32, { failure: "F9", warmStart: { data: "images", steps: 500 } }],
    ["mixture", "plain-mlp", "sgd", 8, { failure: "F12", labelNoise: 0.85 }],
    ["images", "image-cnn", "adam", 32, { failure: "F12", labelNoise: 0.9 }],
  ] as const;
  return both(situations, ([data, network, optimizer, batchSize, special], schedule) => ({
    ...{ data, network, optimizer, batchSize, schedule, baseRate: rateFor(optimizer, batchSize) },
    ...{ steps: batchSize < 4 ? 3000 : 900, seed: 91, ...special },
  }));
}

/** Each case with a constant rate and with a cosine. */
function both<Case>(
  cases: readonly Case[],
  make: (one: Case, schedule: "constant" | "cosine") => Unnamed,
): Unnamed[] {
  return cases.flatMap((one) => (["constant", "cosine"] as const).map((schedule) => make(one, schedule)));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
