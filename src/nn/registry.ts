import type { Shape, Value } from "../graph/index.ts";
import type { Random } from "../random.ts";

/** Fills a new parameter; element order is row-major. */
export type Initialiser = (shape: Shape, random: Random) => Float32Array;

/** A trainable tensor. */
export type ParameterSpec = {
  readonly name: string;
  readonly shape: Shape;
  readonly initialise: Initialiser;
};
/** A tensor that training updates but does not train: running mean and variance. */
export type StatisticSpec = { readonly name: string; readonly shape: Shape; readonly initial: number };
/** A tensor of each row of the batch that a step hands on to the next, such as an LSTM's memory; zeros where rows start afresh. */
export type CarriedSpec = { readonly name: string; readonly shape: Shape };
/** A dropout mask, drawn anew for each step: 1 / (1 - probability) with probability 1 - probability, else 0. */
export type MaskSpec = { readonly name: string; readonly shape: Shape; readonly probability: number };

/** `train`: batch statistics and dropout; `eval`: running statistics and none. */
export type Mode = "train" | "eval";

/** What a network has asked its scopes for while it is built; all scopes of a network share one. */
export type Registry = {
  readonly mode: Mode;
  readonly members: number | undefined;
  readonly parameters: Map<string, ParameterSpec & { value: Value }>;
  readonly statistics: Map<string, StatisticSpec & { value: Value; next: Value }>;
  readonly carried: Map<string, CarriedSpec & { value: Value; next: Value }>;
  readonly masks: Map<string, MaskSpec & { value: Value }>;
  /** By its path, the layer that has weights there. */
  readonly layers: Map<string, string>;
  /** The layer being built, and the one built last, for errors. */
  readonly progress: { open?: string | undefined; last?: string };
  /** By the name of an input of the graph, the rows of the smallest table that its tokens choose from. */
  readonly vocabularies: Map<string, number>;
};

export function emptyRegistry(): Omit<Registry, "mode" | "members"> {
  return {
    parameters: new Map(),
    statistics: new Map(),
    carried: new Map(),
    masks: new Map(),
    layers: new Map(),
    progress: {},
    vocabularies: new Map(),
  };
}
