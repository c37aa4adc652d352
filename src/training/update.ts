import { compileUpdateKernel } from "./update-kernel.ts";

/** Below this many weights a plain loop takes a few microseconds, and many small networks may be alive at once. */
const loopLimit = 16_384;

/** The arrays that an update reads and writes, all of one length, and the update itself. */
export type WeightVectors = {
  readonly weights: Float32Array;
  readonly lookAheadWeights: Float32Array;
  readonly direction: Float32Array;
  /** target = w - α d. `target` is `weights` or `lookAheadWeights`. */
  readonly update: (target: Float32Array, learningRate: number) => void;
};

/**
 * Allocates the vectors of `size` weights, zeroed, where their update is fast: large ones within one WebAssembly
 * memory. Both ways of updating round each product and each difference to float32 once, so they give the same bits.
 */
export function allocateVectors(size: number): WeightVectors {
  return size < loopLimit ? plainVectors(size) : kernelVectors(size);
}

function plainVectors(size: number): WeightVectors {
  const [weights, direction] = [new Float32Array(size), new Float32Array(size)];
  const update: WeightVectors["update"] = (target, learningRate) =>
    loopUpdate(weights, direction, target, learningRate);
  return { weights, lookAheadWeights: new Float32Array(size), direction, update };
}

function kernelVectors(size: number): WeightVectors {
  const padded = Math.ceil(size / 16) * 16;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((3 * 4 * padded) / 65_536) });
  const kernel = compileUpdateKernel(memory);
  const [weights, direction, lookAheadWeights] = [0, 1, 2].map(
    (index) => new Float32Array(memory.buffer, index * 4 * padded, size),
  ) as [Float32Array, Float32Array, Float32Array];
  const update: WeightVectors["update"] = (target, learningRate) =>
    kernel(weights.byteOffset, direction.byteOffset, target.byteOffset, padded, learningRate);
  return { weights, lookAheadWeights, direction, update };
}

/** target = w - α d, in plain TypeScript. */
export function loopUpdate(
  weights: Float32Array,
  direction: Float32Array,
  target: Float32Array,
  learningRate: number,
): void {
  const rate = Math.fround(learningRate);
  for (let i = 0; i < weights.length; i++) target[i] = weights[i]! - Math.fround(rate * direction[i]!);
}
