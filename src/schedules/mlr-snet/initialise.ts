import { uniforms } from "../../random.ts";
import type { CellConfig } from "./config.ts";
import { parameterCount, parameterLayout } from "./parameters.ts";
import type { Initialisation, PresetName } from "./presets.ts";

/** How the θ of each preset starts; `meta-test` loads a checkpoint, and starts like the images' cell otherwise. */
export const presetInitialisations: Readonly<Record<PresetName, Initialisation>> = {
  "language-meta-train": "uniform-0.1",
  "image-meta-train": "fan-in",
  "meta-test": "fan-in",
  transfer: "fan-in",
  "transfer-anytime": "fan-in",
};

/**
 * A new θ, the same for the same seed.
 *
 * `fan-in`: weights and biases of every linear layer U(-1/√fan_in, 1/√fan_in), PyTorch's default and what the
 * released image code uses in effect. `uniform-0.1`: the same, but the weights of i2h and h2h U(-0.1, 0.1), as the
 * released language code.
 *
 * @param seed any integer from 0 to 2^53 - 1.
 * @returns θ, flat, in the order of `parameterLayout`.
 */
export function initialiseParameters(
  cell: CellConfig,
  seed: number,
  how: Initialisation = "fan-in",
): Float64Array {
  const theta = uniforms(parameterCount(cell), seed, "mlr-snet", "theta");
  let fanIn = 1;
  for (const { name, shape, offset, size } of parameterLayout(cell)) {
    const isWeight = name.endsWith(".weight");
    if (isWeight) fanIn = shape[1]!; // the bias after it has the same bound
    const bound = how === "uniform-0.1" && isWeight && name !== "layer3.weight" ? 0.1 : 1 / Math.sqrt(fanIn);
    for (let k = offset; k < offset + size; k++) theta[k] = bound * (2 * theta[k]! - 1);
  }
  return theta;
}
