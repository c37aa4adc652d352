import type { Engine, Program } from "../engine/index.ts";
import { input, multiply, subtract } from "../graph/index.ts";

/** Below this many weights a plain loop is faster than a call of the runtime. */
const loopLimit = 65_536;

/** target = w - α d */
export type WeightUpdate = (target: Float32Array, learningRate: number) => Promise<void>;

/**
 * The last part of a step, over all weights at once. `target` may be the weights themselves.
 * Both ways round each product and each difference to float32 once, so they give the same bits.
 */
export function createUpdate(
  engine: Engine,
  weights: Float32Array,
  direction: Float32Array,
  programs: Program[],
): WeightUpdate {
  if (weights.length < loopLimit)
    return async (target, learningRate) => loopUpdate(weights, direction, target, learningRate);
  const rate = new Float32Array(1);
  const [w, d] = [input("w", [weights.length]), input("d", [weights.length])];
  let compiled: Promise<Program> | undefined;
  const bound = new Map<Float32Array, ReturnType<Program["bind"]>>();
  return async (target, learningRate) => {
    compiled ??= engine.compile({ next: subtract(w, multiply(d, input("rate", []))) });
    let program = bound.get(target);
    if (!program) {
      const made = await compiled;
      if (bound.size === 0) programs.push(made);
      program = made.bind({ w: weights, d: direction, rate }, { next: target });
      bound.set(target, program);
    }
    rate[0] = learningRate;
    await program.run();
  };
}

/** The same in plain TypeScript. */
export function loopUpdate(
  weights: Float32Array,
  direction: Float32Array,
  target: Float32Array,
  learningRate: number,
): void {
  const rate = Math.fround(learningRate);
  for (let i = 0; i < weights.length; i++) target[i] = weights[i]! - Math.fround(rate * direction[i]!);
}
