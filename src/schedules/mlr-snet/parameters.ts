import { refuse } from "../checks.ts";
import { show } from "../show.ts";
import type { CellConfig } from "./config.ts";

/** A flat vector of parameters; float32 where it comes from a file and is only read. */
export type Vector = Float64Array | Float32Array;

/** One tensor of θ: PyTorch's name and shape, and where it lies in the flat vector. */
export type ParameterSlot = { name: string; shape: readonly number[]; offset: number; size: number };

/** weight [out, in] row-major, bias [out]. */
export type Linear<V extends Vector> = { weight: V; bias: V };
/** Linear -> ReLU -> Linear; without a middle layer (m = 0) the second alone. */
export type Mlp<V extends Vector> = { first: Linear<V> | undefined; second: Linear<V> };
/** θ as the paper draws it. All parts are windows onto one flat vector. */
export type Parameters<V extends Vector> = { layers: { i2h: Mlp<V>; h2h: Mlp<V> }[]; readout: Linear<V> };

/**
 * The tensors of θ in the order of the released state dict, one after another in the flat vector.
 * LSTM layer 1 is `layer1`, LSTM layer k ≥ 2 is `layer2.<k-2>` (a Sequential in the released code), the readout `layer3`.
 * Without a middle layer `fc_i2h` and `fc_h2h` are one Linear each: `layer1.fc_i2h.weight` [4H, inputs].
 */
export function parameterLayout(cell: CellConfig): ParameterSlot[] {
  const { hidden, middle, layers } = cell;
  const slots: ParameterSlot[] = [];
  let offset = 0;
  const linear = (name: string, from: number, to: number): void => {
    for (const [suffix, shape] of [["weight", [to, from]] as const, ["bias", [to]] as const]) {
      const size = shape[0] * (shape[1] ?? 1);
      slots.push({ name: `${name}.${suffix}`, shape, offset, size });
      offset += size;
    }
  };
  for (let layer = 0; layer < layers; layer++) {
    const prefix = layer === 0 ? "layer1" : `layer2.${layer - 1}`;
    const mlp = (name: string, from: number): void => {
      if (middle > 0) linear(`${name}.0`, from, middle);
      linear(middle > 0 ? `${name}.2` : name, middle || from, 4 * hidden);
    };
    mlp(`${prefix}.fc_i2h`, layer === 0 ? cell.inputs.length : hidden);
    mlp(`${prefix}.fc_h2h`, hidden);
  }
  linear("layer3", hidden, 1);
  return slots;
}

/** Length of θ: 11,776 for the released image cells, 23,101 for the language cell, 1,809 for `transfer`. */
export function parameterCount(cell: CellConfig): number {
  const last = parameterLayout(cell).at(-1)!;
  return last.offset + last.size;
}

/** @throws {MlrSnetError} `SHAPE_MISMATCH` if the length is not `parameterCount(cell)`. */
export function checkLength(cell: CellConfig, flat: Vector): void {
  const count = parameterCount(cell);
  if (flat.length !== count) refuse(`${count} parameters for this cell`, `${flat.length}`, "SHAPE_MISMATCH");
}

/**
 * Names the parts of a flat vector without copying: θ, or a gradient of the same length.
 *
 * @throws {MlrSnetError} `SHAPE_MISMATCH` if the length is not `parameterCount(cell)`.
 */
export function viewParameters<V extends Vector>(cell: CellConfig, flat: V): Parameters<V> {
  checkLength(cell, flat);
  const tensors = parameterLayout(cell).map(({ offset, size }) => flat.subarray(offset, offset + size) as V);
  const linear = (): Linear<V> => ({ weight: tensors.shift()!, bias: tensors.shift()! });
  const mlp = (): Mlp<V> => ({ first: cell.middle > 0 ? linear() : undefined, second: linear() });
  return {
    layers: Array.from({ length: cell.layers }, () => ({ i2h: mlp(), h2h: mlp() })),
    readout: linear(),
  };
}

/** A tensor as a file holds it: row-major. */
export type NamedTensors = ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>;

/**
 * Gathers tensors read from a file into one flat θ.
 *
 * @param prefix what stands before the names.
 * @param thetas how many θ the tensors are: there may be no further ones.
 * @throws {MlrSnetError} `SHAPE_MISMATCH` for a missing or further tensor or another shape, `FILE_CORRUPT` for NaN.
 */
export function packParameters(
  cell: CellConfig,
  tensors: NamedTensors,
  prefix = "",
  thetas = 1,
): Float64Array {
  const layout = parameterLayout(cell);
  const found = layout.map(({ name, shape }) => {
    const { shape: got, data } = tensors.get(prefix + name) ?? {};
    if (got?.join() !== shape.join())
      refuse(`a tensor "${prefix}${name}" of shape [${shape}]`, got ? show(got) : "none", "SHAPE_MISMATCH");
    if (!data!.every(Number.isFinite))
      refuse(`finite numbers in "${prefix}${name}"`, "NaN or infinity", "FILE_CORRUPT");
    return data!;
  });
  if (tensors.size !== thetas * layout.length)
    refuse(`the ${thetas * layout.length} tensors of this cell alone`, `${tensors.size}`, "SHAPE_MISMATCH");
  const theta = new Float64Array(parameterCount(cell));
  for (const [index, { offset }] of layout.entries()) theta.set(found[index]!, offset);
  return theta;
}
