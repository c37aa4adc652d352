import { MlrSnetError } from "../errors.ts";
import { input, type Shape, type Value } from "../graph/index.ts";
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
/** A dropout mask, drawn anew for each step: 1 / (1 - probability) with probability 1 - probability, else 0. */
export type MaskSpec = { readonly name: string; readonly shape: Shape; readonly probability: number };

/** `train`: batch statistics and dropout; `eval`: running statistics and none. */
export type Mode = "train" | "eval";

/** A network as a function from input to output; it asks the scope for its parameters. */
export type Model = (scope: Scope, x: Value) => Value;

type Registry = {
  readonly mode: Mode;
  readonly members: number | undefined;
  readonly parameters: Map<string, ParameterSpec & { value: Value }>;
  readonly statistics: Map<string, StatisticSpec & { value: Value; next: Value }>;
  readonly masks: Map<string, MaskSpec & { value: Value }>;
};

/**
 * Collects what a network needs while its graph is built. Names are paths with dots, as PyTorch writes them;
 * the graph's inputs are `w.<parameter>`, `s.<statistic>` and `m.<mask>`.
 */
export class Scope {
  readonly #registry: Registry;
  readonly #path: string;

  /** @param members builds so many networks of one kind at once: each parameter gets a leading axis of that size. */
  constructor(mode: Mode, members?: number, registry?: Registry, path = "") {
    const empty = { parameters: new Map(), statistics: new Map(), masks: new Map() };
    this.#registry = registry ?? { mode, members, ...empty };
    this.#path = path;
  }

  get mode(): Mode {
    return this.#registry.mode;
  }

  /** Size of the population, undefined for one network. Layers without a population form say so. */
  get members(): number | undefined {
    return this.#registry.members;
  }

  /** Size of the population, for layers that have a population form alone. @throws {MlrSnetError} `INVALID_ARGUMENT` */
  get population(): number {
    if (this.members === undefined)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        "Expected the scope of a population, got that of one network.",
      );
    return this.members;
  }

  /** The same scope as that of a population of one, for a network that has a population form alone. */
  get alone(): Scope {
    return new Scope(this.mode, 1, { ...this.#registry, members: 1 }, this.#path);
  }

  /** The scope of a part of the network. */
  child(name: string): Scope {
    return new Scope(this.mode, this.members, this.#registry, `${this.#path}${name}.`);
  }

  /**
   * A trainable tensor. Asking again for the same name gives the same tensor (weights are shared).
   * In a population its shape is [members, ...shape], and all members start from the same numbers.
   */
  parameter(name: string, ownShape: Shape, initialiseOwn: Initialiser): Value {
    const path = this.#path + name;
    const { members } = this;
    const shape = members === undefined ? ownShape : [members, ...ownShape];
    const initialise = members === undefined ? initialiseOwn : repeated(initialiseOwn, members, ownShape);
    const known = this.#registry.parameters.get(path);
    if (known) return sameOrThrow(path, known, shape).value;
    const value = input(`w.${path}`, shape);
    this.#registry.parameters.set(path, { name: path, shape, initialise, value });
    return value;
  }

  /**
   * A running statistic, its elements `initial` before the first step. Asking again for the same name gives what
   * `updateStatistic` made of it, so that a layer applied twice in a step updates it twice, as PyTorch does.
   * In a population its shape is [members, ...shape].
   */
  statistic(name: string, ownShape: Shape, initial: number): Value {
    const path = this.#path + name;
    const shape = this.members === undefined ? ownShape : [this.members, ...ownShape];
    const known = this.#registry.statistics.get(path);
    if (known) return sameOrThrow(path, known, shape).next;
    const value = input(`s.${path}`, shape);
    this.#registry.statistics.set(path, { name: path, shape, initial, value, next: value });
    return value;
  }

  /** Says what a statistic is after this step. */
  updateStatistic(name: string, next: Value): void {
    const statistic = this.#registry.statistics.get(this.#path + name);
    if (statistic) statistic.next = next;
  }

  /** A dropout mask of this step. Unlike weights it is never shared: asking again for the same name gives another. */
  mask(name: string, shape: Shape, probability: number): Value {
    if (this.members !== undefined)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        "Dropout masks have no population form yet: expected a network without.",
      );
    let path = this.#path + name;
    for (let copy = 2; this.#registry.masks.has(path); copy++) path = `${this.#path}${name}.${copy}`;
    const value = input(`m.${path}`, shape);
    this.#registry.masks.set(path, { name: path, shape, probability, value });
    return value;
  }

  get parameters(): readonly (ParameterSpec & { value: Value })[] {
    return [...this.#registry.parameters.values()];
  }

  get statistics(): readonly (StatisticSpec & { value: Value; next: Value })[] {
    return [...this.#registry.statistics.values()];
  }

  get masks(): readonly (MaskSpec & { value: Value })[] {
    return [...this.#registry.masks.values()];
  }
}

/** Draws once, and writes the same numbers for each member. */
function repeated(initialise: Initialiser, members: number, shape: Shape): Initialiser {
  return (_shape, random) => {
    const own = initialise(shape, random);
    const all = new Float32Array(members * own.length);
    for (let member = 0; member < members; member++) all.set(own, member * own.length);
    return all;
  };
}

function sameOrThrow<T extends { shape: Shape }>(path: string, known: T, shape: Shape): T {
  if (known.shape.join() !== shape.join())
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected \`${path}\` to keep shape [${known.shape}], got [${shape}].`,
    );
  return known;
}
