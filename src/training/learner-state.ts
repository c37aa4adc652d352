import { MlrSnetError } from "../errors.ts";
import type { LearnerMemory } from "./memory.ts";

/**
 * A copy of everything that the next step depends on; arrays are flat. `updates`: how many the optimizer's state has seen.
 * `carried` is absent where the network carries nothing from step to step.
 */
export type LearnerState = { step: number; updates: number } & Record<
  "weights" | "optimizer" | "statistics" | "previousDirection",
  Float32Array
> & { carried?: Float32Array };

const stateArrays = ["weights", "optimizer", "statistics", "previousDirection", "carried"] as const;

/** @param into an older copy of the same network, which is overwritten instead of allocating another. */
export function copyState(
  memory: LearnerMemory,
  step: number,
  updates: number,
  into?: LearnerState,
): LearnerState {
  if (into) {
    for (const name of stateArrays) into[name]?.set(memory[name]);
    return Object.assign(into, { step, updates });
  }
  const { weights, optimizer, statistics, previousDirection, carried } = memory;
  return {
    step,
    updates,
    weights: weights.slice(),
    optimizer: optimizer.slice(),
    statistics: statistics.slice(),
    previousDirection: previousDirection.slice(),
    ...(carried.length > 0 && { carried: carried.slice() }),
  };
}

/** Writes a saved state into the memory. @throws {MlrSnetError} `STATE_MISMATCH` if it is of another network. */
export function putBack(memory: LearnerMemory, state: LearnerState): void {
  for (const name of stateArrays) {
    const [expected, got] = [memory[name].length, state[name]?.length ?? 0];
    if (got !== expected)
      throw new MlrSnetError(
        "STATE_MISMATCH",
        `Expected ${expected} numbers of ${name} for this network, got ${got}.`,
      );
  }
  for (const name of stateArrays) if (state[name]) memory[name].set(state[name]);
}
