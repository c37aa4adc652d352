import { MlrSnetError } from "../errors.ts";
import {
  add,
  divide,
  input,
  maximum,
  multiply,
  reduceSum,
  scalar,
  sqrt,
  square,
  type Value,
} from "../graph/index.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { checkAveraging, shareName, shareOfNewest } from "./averaging.ts";

/** How a gradient becomes an update direction d; the update is always w - α d, linear in the learning rate α. */
export type OptimizerOptions = {
  kind: "sgd" | "adam" | "adamw";
  /** μ of SGD, 0 to below 1; default 0. */
  momentum?: number;
  /** Nesterov's form of momentum; default false. */
  nesterov?: boolean;
  /** λ ≥ 0; default 0. Added to the gradient as λ w, for `adamw` to the direction instead. */
  weightDecay?: number;
  /** Largest Euclidean norm of the whole gradient; default none. */
  clipNorm?: number;
  /** β1, β2 of Adam; default 0.9, 0.999. */
  betas?: readonly [number, number];
  /** ε of Adam, default 1e-8. */
  epsilon?: number;
  /** Evaluates at a running mean of the weights instead of the last ones; default none. See `averageStep`. */
  averaging?: { decay: number };
};

/**
 * The rate that is usual for the optimizer, untuned.
 *
 * 0.1 for SGD, the usual start for images; times 1 - μ with momentum, which sums up about 1 / (1 - μ) gradients; 0.001
 * for Adam, its authors' default.
 */
export function usualRate({ kind, momentum = 0 }: OptimizerOptions): number {
  return kind === "sgd" ? 0.1 * (1 - momentum) : 0.001;
}

/** A tensor of optimizer state, one of each kind for every parameter. */
export type Slot = "momentum" | "mean" | "square" | "average";

/** What the optimizer keeps between steps, per parameter. */
export function slotsOf(options: OptimizerOptions): readonly Slot[] {
  const own: readonly Slot[] =
    options.kind !== "sgd" ? ["mean", "square"] : options.momentum ? ["momentum"] : [];
  return options.averaging ? [...own, "average"] : own;
}

/** β1, β2 and ε of Adam where the options do not say. */
export const adamDefaults = { betas: [0.9, 0.999], epsilon: 1e-8 } as const;

/** 1 - β1^n and 1 - β2^n of the n-th update of Adam. @param updates made before it, n - 1: the count that belongs to the moments. */
export function biasCorrections(
  updates: number,
  [beta1, beta2]: readonly [number, number] = adamDefaults.betas,
): [number, number] {
  return [1 - beta1 ** (updates + 1), 1 - beta2 ** (updates + 1)];
}

/** The scalars that an optimizer is given at each step, by the names of the graph's inputs. @param updates made so far. */
export function scalarsAt(options: OptimizerOptions, updates: number): Record<string, number> {
  const { averaging } = options;
  const averages = averaging && { [shareName]: shareOfNewest(averaging.decay, updates) };
  if (options.kind === "sgd") return { ...averages };
  const [first, second] = biasCorrections(updates, options.betas);
  return { "adam.correction1": first, "adam.correction2": second, ...averages };
}

/**
 * Scales all gradients so that their joint norm is at most `clipNorm`.
 *
 * @see torch.nn.utils.clip_grad_norm_, which has the same 1e-6
 */
export function clipGradients(gradients: readonly Value[], clipNorm: number): Value[] {
  const norm = add(euclideanNorm(gradients), 1e-6);
  const scale = divide(scalar(clipNorm), maximum(norm, scalar(clipNorm)));
  return gradients.map((gradient) => multiply(gradient, scale));
}

/** sqrt of the sum of squares over all tensors, a scalar. */
export function euclideanNorm(tensors: readonly Value[]): Value {
  return sqrt(tensors.map((tensor) => reduceSum(square(tensor))).reduce((a, b) => add(a, b)));
}

/** An optimizer as a graph has it: its numbers may be values, which a population gives anew for each run. */
export type DirectionRule = Pick<OptimizerOptions, "kind" | "nesterov" | "betas" | "epsilon"> & {
  momentum?: number | Value;
  weightDecay?: number | Value;
  /** Of Adam: `biasCorrections`, each a shape that broadcasts with the parameter. Default: the graph's scalar inputs. */
  corrections?: readonly [Value, Value];
};

/**
 * The update direction of one parameter, and its new state; for a single network and for each member of a population.
 *
 *     sgd:    m = μ m + g,   d = m, or g + μ m for Nesterov,   g with λ w added
 *     adam:   m = β1 m + (1 - β1) g,   v = β2 v + (1 - β2) g²,   d = (m / (1 - β1^n)) / (√(v / (1 - β2^n)) + ε)
 *     adamw:  as adam, g without λ w, and d + λ w
 *
 * n counts the updates that the moments have seen, not the steps of the run. The first momentum buffer is the gradient
 * itself, as in PyTorch.
 *
 * @see torch.optim.SGD; Kingma and Ba, arXiv 1412.6980; Loshchilov and Hutter, arXiv 1711.05101 (AdamW)
 */
export function updateDirection(
  options: DirectionRule,
  weight: Value,
  rawGradient: Value,
  state: Readonly<Partial<Record<Slot, Value>>>,
): { direction: Value; state: Partial<Record<Slot, Value>> } {
  const decay = options.weightDecay ?? 0;
  const gradient =
    decay && options.kind !== "adamw" ? add(rawGradient, multiply(weight, decay)) : rawGradient;
  if (options.kind === "sgd") {
    if (!state.momentum || !options.momentum) return { direction: gradient, state: {} };
    const momentum = add(multiply(state.momentum, options.momentum), gradient);
    const direction = options.nesterov ? add(gradient, multiply(momentum, options.momentum)) : momentum;
    return { direction, state: { momentum } };
  }
  const [beta1, beta2] = options.betas ?? adamDefaults.betas;
  const mean = add(multiply(state.mean!, beta1), multiply(gradient, 1 - beta1));
  const meanOfSquares = add(multiply(state.square!, beta2), multiply(square(gradient), 1 - beta2));
  const [correction1, correction2] = options.corrections ?? [
    input("adam.correction1", []),
    input("adam.correction2", []),
  ];
  const denominator = add(
    sqrt(divide(meanOfSquares, correction2)),
    scalar(options.epsilon ?? adamDefaults.epsilon),
  );
  const step = divide(divide(mean, correction1), denominator);
  const direction = decay && options.kind === "adamw" ? add(step, multiply(weight, decay)) : step;
  return { direction, state: { mean, square: meanOfSquares } };
}

const optionNames: OptionNames<OptimizerOptions> = {
  kind: true,
  momentum: true,
  nesterov: true,
  weightDecay: true,
  clipNorm: true,
  betas: true,
  epsilon: true,
  averaging: true,
};

/** @throws {MlrSnetError} `INVALID_ARGUMENT` for an option outside its range, or that is none, with the nearest name. */
export function checkOptimizer(options: OptimizerOptions): OptimizerOptions {
  checkOptionNames("`optimizer`", options, optionNames);
  const { kind, momentum = 0, weightDecay = 0, clipNorm, betas = [0.9, 0.999], epsilon = 1e-8 } = options;
  const kinds = ["sgd", "adam", "adamw"];
  check(kinds.includes(kind), `\`optimizer.kind\` to be one of ${kinds.join(", ")}`, kind);
  for (const [name, value] of Object.entries({ momentum, weightDecay, clipNorm: clipNorm ?? 1, epsilon }))
    check(typeof value === "number", `\`optimizer.${name}\` to be a number`, typeof value);
  const { nesterov = false } = options;
  check(typeof nesterov === "boolean", "`optimizer.nesterov` to be true or false", nesterov);
  check(momentum >= 0 && momentum < 1, "`optimizer.momentum` to be 0 to below 1", momentum);
  check(
    weightDecay >= 0 && Number.isFinite(weightDecay),
    "`optimizer.weightDecay` to be a number ≥ 0",
    weightDecay,
  );
  check(clipNorm === undefined || clipNorm > 0, "`optimizer.clipNorm` to be a number > 0", clipNorm);
  check(
    Array.isArray(betas) && betas.length === 2 && betas.every((beta) => beta >= 0 && beta < 1),
    "`optimizer.betas` to be two numbers from 0 to below 1",
    JSON.stringify(betas),
  );
  check(epsilon > 0, "`optimizer.epsilon` to be a number > 0", epsilon);
  checkAveraging(options.averaging);
  return options;
}

function check(condition: boolean, expected: string, got: unknown): void {
  if (!condition) throw new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}
