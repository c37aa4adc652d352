import { type GeneratedKind, generatedShapes } from "../../data/index.ts";
import { reshapeTo } from "../../graph/index.ts";
import { elements } from "../../graph/internal.ts";
import { drawnNetwork, type NetworkSpec, populationNetwork } from "../../models/index.ts";
import type { Model } from "../../nn/index.ts";
import { crossEntropy, type OptimizerOptions } from "../../training/index.ts";
import type { PopulationDefinition } from "../population/trace.ts";
import { halfSquare, quadraticNetwork } from "./quadratic.ts";

/** One kind of network with the kind of data that it is trained on. */
export type Architecture = {
  name: string;
  batchSize: number;
  /** Longest run that meta-training asks of it; dear networks make shorter ones. */
  longest: number;
} & (
  | { kind: "network"; network: NetworkSpec; data: GeneratedKind }
  | { kind: "quadratic"; dimensions: number; condition: number }
);

type Row = readonly [
  family: NetworkSpec["family"],
  width: number,
  depth: number,
  activation: NetworkSpec["activation"],
  normalization: NetworkSpec["normalization"],
  data: GeneratedKind,
  classes: number,
  batchSize: number,
  longest: number,
];

const rows: readonly Row[] = [
  ["linear", 1, 1, "relu", "none", "mnist1d", 10, 32, 2000],
  ["linear", 1, 1, "relu", "none", "mixture", 5, 16, 2000],
  ["mlp", 16, 1, "relu", "none", "mixture", 10, 16, 2000],
  ["mlp", 16, 1, "tanh", "none", "teacher", 2, 16, 2000],
  ["mlp", 32, 2, "relu", "none", "mnist1d", 10, 32, 800],
  ["mlp", 64, 2, "relu", "none", "mnist1d", 10, 64, 400],
  ["mlp", 64, 3, "relu", "none", "mnist1d", 10, 32, 300],
  ["mlp", 32, 3, "tanh", "none", "mnist1d", 10, 32, 700],
  ["mlp", 48, 2, "gelu", "none", "teacher", 5, 32, 800],
  ["mlp", 32, 2, "relu", "batch", "mnist1d", 10, 32, 800],
  ["mlp", 64, 2, "tanh", "layer", "mixture", 10, 64, 300],
  ["mlp", 32, 4, "relu", "layer", "teacher", 10, 16, 600],
  ["mlp", 96, 2, "relu", "none", "mixture", 20, 64, 300],
  ["mlp", 32, 2, "relu", "none", "images", 10, 64, 800],
  ["residual-mlp", 48, 2, "relu", "none", "mnist1d", 10, 64, 700],
  ["residual-mlp", 32, 3, "gelu", "layer", "mnist1d", 5, 32, 400],
  ["residual-mlp", 32, 4, "relu", "batch", "mixture", 10, 32, 600],
  ["conv1d", 8, 2, "relu", "none", "mnist1d", 10, 32, 800],
  ["conv1d", 16, 3, "relu", "none", "mnist1d", 10, 32, 400],
  ["conv1d", 24, 3, "relu", "none", "mnist1d", 10, 64, 120],
  ["conv1d", 16, 3, "relu", "batch", "mnist1d", 10, 32, 250],
  ["conv1d", 16, 2, "gelu", "none", "mnist1d", 5, 16, 600],
  ["conv1d", 8, 2, "tanh", "layer", "mnist1d", 10, 32, 250],
  ["conv1d", 16, 2, "relu", "batch", "mnist1d", 10, 16, 400],
  ["conv2d", 8, 2, "relu", "none", "images", 10, 32, 600],
  ["conv2d", 16, 2, "relu", "none", "images", 20, 64, 200],
  ["conv2d", 16, 2, "relu", "batch", "images", 20, 32, 300],
  ["conv2d", 8, 2, "gelu", "layer", "images", 5, 16, 400],
  ["gru", 12, 1, "tanh", "none", "mnist1d", 10, 32, 400],
  ["gru", 16, 1, "tanh", "none", "markov", 10, 32, 150],
  ["gru", 16, 1, "tanh", "none", "patterns", 5, 32, 150],
  ["attention", 16, 1, "relu", "none", "mnist1d", 10, 32, 250],
  ["attention", 16, 1, "gelu", "layer", "patterns", 5, 16, 150],
  ["attention", 16, 1, "relu", "none", "markov", 10, 16, 250],
  ["bag", 16, 1, "relu", "none", "markov", 5, 32, 2000],
  ["bag", 8, 1, "tanh", "none", "markov", 10, 16, 2000],
];

/** The finite grid that meta-training draws from, so that compiled graphs are used again. Order and rows are part of the tasks' seeds. */
export const architectures: readonly Architecture[] = [
  ...rows.map(
    ([family, width, depth, activation, normalization, data, classes, batchSize, longest]): Architecture => ({
      name: [family, `${width}x${depth}`, activation, normalization, data, `b${batchSize}`].join("-"),
      kind: "network",
      network: {
        family,
        width,
        depth,
        activation,
        normalization,
        classes,
        vocabulary: generatedShapes[data].vocabulary ?? 32,
      },
      data,
      batchSize,
      longest,
    }),
  ),
  ...([10, 1000] as const).map(
    (condition): Architecture => ({
      name: `quadratic-16-${condition}`,
      kind: "quadratic",
      dimensions: 16,
      condition,
      batchSize: 16,
      longest: 2000,
    }),
  ),
];

/** How the members' gradients become directions. `adam` has the decoupled decay of AdamW, which may be 0. */
export type PopulationOptimizer = "sgd" | "momentum" | "adam";

/** As a single run would name them; the numbers are those of the drawn task. */
const optimizers = {
  sgd: { kind: "sgd" },
  momentum: { kind: "sgd", momentum: 0.9 },
  adam: { kind: "adamw" },
} as const satisfies Record<PopulationOptimizer, OptimizerOptions>;

/** What is compiled for an architecture. Recurrent ones clip their gradients, at the norm of the drawn task. */
export function definitionOf(
  architecture: Architecture,
  optimizer: PopulationOptimizer,
): PopulationDefinition {
  const { batchSize } = architecture;
  if (architecture.kind === "quadratic") {
    const { dimensions, condition } = architecture;
    return {
      model: quadraticNetwork(dimensions, condition),
      inputShape: [dimensions],
      labelType: "float32",
      loss: halfSquare,
      optimizer: optimizers[optimizer],
      batchSize,
    };
  }
  const { network, data } = architecture;
  const { inputShape, inputType } = generatedShapes[data];
  const isDense = ["linear", "mlp", "residual-mlp"].includes(network.family);
  const flat =
    (model: Model): Model =>
    (scope, x) =>
      model(scope, isDense ? reshapeTo(x, [x.shape[0]!, elements(inputShape)]) : x);
  const clips = network.family === "gru";
  return {
    model: flat(drawnNetwork(network)),
    together: flat(populationNetwork(network)),
    inputShape,
    inputType,
    loss: crossEntropy,
    optimizer: { ...optimizers[optimizer], ...(clips && { clipNorm: noClip }) },
    batchSize,
  };
}

/** A norm that no gradient has. */
const noClip = 1e30;
