import { MlrSnetError } from "../errors.ts";
import { input, type Shape, type Value } from "../graph/index.ts";
import { sameShape } from "../graph/internal.ts";
import { show } from "../schedules/internal.ts";
import {
  emptyRegistry,
  type Initialiser,
  type MaskSpec,
  type Mode,
  type ParameterSpec,
  type Registry,
  type StatisticSpec,
} from "./registry.ts";

/** A network as a function from input to output; it asks the scope for its parameters. */
export type Model = (scope: Scope, x: Value) => Value;

/**
 * Collects what a network needs while its graph is built. Names are paths with dots, as PyTorch writes them;
 * the graph's inputs are `w.<parameter>`, `s.<statistic>` and `m.<mask>`.
 */
export class Scope {
  readonly #registry: Registry;
  readonly #path: string;
  #isTaken = false;

  /** @param members builds so many networks of one kind at once: each parameter gets a leading axis of that size. */
  constructor(mode: Mode, members?: number, registry?: Registry, path = "") {
    this.#registry = registry ?? { mode, members, ...emptyRegistry() };
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

  /** Where in the network this scope is, for messages. */
  get place(): string {
    return this.#path === "" ? "the model's own scope" : `\`${this.#path.slice(0, -1)}\``;
  }

  /** The layer whose building failed, undefined where none did; and the one that was built last. */
  get progress(): { readonly open?: string | undefined; readonly last?: string } {
    return this.#registry.progress;
  }

  /** The same scope as that of a population of one, for a network that has a population form alone. */
  get alone(): Scope {
    return new Scope(this.mode, 1, { ...this.#registry, members: 1 }, this.#path);
  }

  /** The scope of a part of the network. The same name again gives the same part: its weights are shared. */
  child(name: string): Scope {
    if (typeof name !== "string" || name === "")
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected the name of a part to be a text, got ${show(name)}.`,
      );
    return new Scope(this.mode, this.members, this.#registry, `${this.#path}${name}.`);
  }

  /**
   * Builds a layer or another part of the network; an error on the way is told with its name.
   *
   * @param what "linearLayer at `fc1`".
   */
  within<Output>(what: string, build: () => Output): Output {
    const { progress } = this.#registry;
    const outer = progress.open;
    progress.open = what;
    try {
      const output = build();
      progress.open = outer;
      progress.last = what;
      return output;
    } catch (cause) {
      if (!(cause instanceof MlrSnetError) || cause.message.startsWith("In ")) throw cause;
      throw new MlrSnetError(cause.code, `In ${what}: ${cause.message}`, { cause });
    }
  }

  /**
   * Takes this scope for the weights of one layer. Another layer on it, or one of another kind on the same path, would
   * share weights, biases or statistics in silence.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if the scope has a layer already.
   */
  take(kind: string): void {
    const { layers } = this.#registry;
    const before = layers.get(this.#path);
    if (this.#isTaken || (before !== undefined && before !== kind))
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected one layer at ${this.place}, got ${kind} beside ${before}: give each a \`scope.child("name")\` of its own; to share weights on purpose, ask for the same child again.`,
      );
    layers.set(this.#path, kind);
    this.#isTaken = true;
  }

  /** Tells that tokens choose from a table of `rows`, so that those of a data set can be checked before any work. */
  readTokens(tokens: Value, rows: number): void {
    const { source } = tokens;
    if (source.kind !== "input") return;
    const { vocabularies } = this.#registry;
    vocabularies.set(source.name, Math.min(rows, vocabularies.get(source.name) ?? rows));
  }

  /** How many tokens the network knows that reads the graph's input of that name; undefined where no layer says so. */
  vocabularyOf(name: string): number | undefined {
    return this.#registry.vocabularies.get(name);
  }

  /**
   * A trainable tensor. Asking again for the same name gives the same tensor (weights are shared).
   * In a population its shape is [members, ...shape], and all members start from the same numbers.
   */
  parameter(name: string, ownShape: Shape, initialiseOwn: Initialiser): Value {
    checkAsked(name, ownShape);
    if (typeof initialiseOwn !== "function")
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected the initialiser of \`${this.#path}${name}\` to be a function (shape, random) => Float32Array, got ${show(initialiseOwn)}.`,
      );
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
    checkAsked(name, ownShape);
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
    if (!statistic)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a statistic \`${this.#path}${name}\` to update, got none: ask for it by \`scope.statistic\` first.`,
      );
    sameOrThrow(statistic.name, statistic, next.shape);
    statistic.next = next;
  }

  /** A dropout mask of this step. Unlike weights it is never shared: asking again for the same name gives another. */
  mask(name: string, shape: Shape, probability: number): Value {
    checkAsked(name, shape);
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
  if (!sameShape(known.shape, shape))
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected \`${path}\` to keep shape [${known.shape}], got [${shape}]: give each layer a \`scope.child("name")\` of its own.`,
    );
  return known;
}

function checkAsked(name: unknown, shape: unknown): void {
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 1);
  if (typeof name === "string" && name !== "" && isShape) return;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected a name and a shape of integers ≥ 1 for what a scope is asked for, got ${show(name)} and ${show(shape)}.`,
  );
}
