import { type Dataset, generateData } from "../../data/index.ts";
import { Random } from "../../random.ts";
import { type Architecture, architectures, type PopulationOptimizer } from "./architectures.ts";
import { quadraticData } from "./quadratic.ts";

/** One training run to be scheduled, all of it from seeds: JSON-safe. */
export type MetaTask = {
  /** Index in `architectures`. */
  architecture: number;
  optimizer: PopulationOptimizer;
  /** T */
  steps: number;
  /** Of data, initial weights and batches. */
  seed: number;
  /** Training examples. */
  examples: number;
  labelNoise: number;
  inputNoise: number;
  initialScale: number;
  /** What inputs that are numbers are multiplied by. */
  inputScale: number;
  momentum: number;
  weightDecay: number;
  /** Largest norm of the gradient, for recurrent networks; null: none. */
  clipNorm: number | null;
};

export type DistributionOptions = {
  /** Range of T, two orders of magnitude by default: 20 to 2000, evenly in log T. */
  shortest?: number;
  longest?: number;
  /** Generations in which the longest T grows from 100 on, evenly in log T; default 0: none. */
  growth?: number;
};

/** The longest T at the beginning, where it grows. */
const firstLongest = 100;

/** The distribution in force at a generation: the first ones, whose schedules are bad, need no long runs. */
export function distributionAt(
  { shortest = 20, longest = 2000, growth = 0 }: DistributionOptions,
  generation: number,
): DistributionOptions {
  const first = Math.min(longest, Math.max(shortest, firstLongest));
  const part = growth > 0 ? Math.min(1, generation / growth) : 1;
  return { shortest, longest: Math.round(first * (longest / first) ** part) };
}

/**
 * Draws a task: the network and its data from the grid, everything else at random. The same path gives the same task.
 *
 * @param path such as the generation and the number of the task within it.
 */
export function drawTask(
  seed: number,
  path: readonly (string | number)[],
  { shortest = 20, longest = 2000 }: Omit<DistributionOptions, "growth"> = {},
): MetaTask {
  const random = new Random(seed, "task", ...path);
  const maybe = (probability: number, draw: () => number, otherwise: number): number => {
    const [chance, value] = [random.uniform(), draw()];
    return chance < probability ? value : otherwise;
  };
  const logUniform = (low: number, high: number): number => low * (high / low) ** random.uniform();
  const pick = <T>(values: readonly T[]): T => values[random.integer(values.length)]!;

  const architecture = random.integer(architectures.length);
  const optimizer = pick(["sgd", "sgd", "sgd", "momentum", "momentum", "momentum", "adam", "adam"] as const);
  const most = Math.max(shortest, Math.min(longest, architectures[architecture]!.longest));
  return {
    architecture,
    optimizer,
    steps: Math.round(logUniform(shortest, most)),
    seed: random.word(),
    examples: pick([1000, 2000, 4000]),
    labelNoise: maybe(0.4, () => 0.5 * random.uniform(), 0),
    inputNoise: maybe(0.4, () => 0.7 * random.uniform(), 0),
    initialScale: maybe(0.5, () => logUniform(0.5, 2), 1),
    momentum: pick([0.8, 0.9, 0.9, 0.95]),
    weightDecay: maybe(0.6, () => logUniform(1e-5, 3e-3), 0),
    clipNorm: random.uniform() < 0.5 ? 1 : null,
    inputScale: maybe(0.7, () => logUniform(0.5, 4), 1),
  };
}

/** The task's examples; validation is clean of label noise. */
export function dataOf(task: MetaTask): { train: Dataset; validation: Dataset } {
  const architecture: Architecture = architectures[task.architecture]!;
  const { seed, examples, labelNoise, inputNoise, inputScale } = task;
  if (architecture.kind === "quadratic")
    return quadraticData(architecture.dimensions, examples, inputNoise + 0.01, seed);
  const { data: kind, network } = architecture;
  const noise = kind === "markov" || kind === "patterns" ? inputNoise / 4 : inputNoise;
  const data = generateData({
    kind,
    seed,
    examples,
    classes: network.classes,
    labelNoise,
    inputNoise: noise,
  });
  scale(data.train.inputs, inputScale);
  scale(data.validation.inputs, inputScale);
  return data;
}

function scale(inputs: Dataset["inputs"], factor: number): void {
  if (inputs instanceof Float32Array) for (let i = 0; i < inputs.length; i++) inputs[i]! *= factor;
}
