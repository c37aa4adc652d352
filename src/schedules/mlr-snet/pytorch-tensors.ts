import { MlrSnetError } from "../../errors.ts";
import { show } from "../show.ts";
import {
  Described,
  type PickleValue,
  persistent,
  rebuildTensor,
  storageTypes,
  Tuple,
} from "./pickle-machine.ts";

/** How the numbers of a storage are read. */
type NumberType = { width: number; read: (view: DataView, at: number, littleEndian: boolean) => number };

const numberTypes: Readonly<Record<string, NumberType>> = {
  [storageTypes.float32]: { width: 4, read: (view, at, little) => view.getFloat32(at, little) },
  [storageTypes.float64]: { width: 8, read: (view, at, little) => view.getFloat64(at, little) },
  [storageTypes.float16]: { width: 2, read: (view, at, little) => half(view.getUint16(at, little)) },
};

/** One tensor of a state dict, still without its numbers: a window onto a storage. Strides and offset count numbers. */
export type TensorWindow = {
  name: string;
  shape: readonly number[];
  stride: readonly number[];
  offset: number;
  storage: { key: string; type: NumberType; length: number };
};

/**
 * The tensors of a state dict: a dictionary of names and tensors, and nothing else.
 *
 * @throws {MlrSnetError} `UNSUPPORTED_FORMAT` where it holds something else, such as a whole checkpoint with the optimizer in it.
 */
export function windowsOf(stateDict: PickleValue): TensorWindow[] {
  if (!(stateDict instanceof Map))
    throw unsupported(`${describe(stateDict)}: save \`network.state_dict()\` alone`);
  return Array.from(stateDict, ([name, value]) => {
    if (typeof name !== "string" || !(value instanceof Described && value.name === rebuildTensor)) {
      const cure =
        value instanceof Map ? `save what it has as ${show(name)} alone` : "save a state dict alone";
      throw unsupported(`${describe(value)} as ${show(name)}: ${cure}`);
    }
    return windowOf(name, value);
  });
}

/** _rebuild_tensor_v2(storage, offset, shape, stride, ...), storage: (kind, type, key, location, length, ...) */
function windowOf(name: string, { items }: Described): TensorWindow {
  const [storage, offset, sizes, strides] = items;
  const [shape, stride] = [counts(sizes), counts(strides)];
  if (
    !(storage instanceof Described && storage.name === persistent && shape && shape.length === stride?.length)
  )
    throw corrupt(`storage, shape and stride for ${show(name)}`);
  const [, named, key, , length] = storage.items;
  const type = named instanceof Described ? numberTypes[named.name] : undefined;
  if (!type) throw corrupt(`a type of numbers for ${show(name)}`);
  if (typeof key !== "string" || !isCount(length) || !isCount(offset))
    throw corrupt(`key, length and offset for ${show(name)}`);
  return { name, shape, stride, offset, storage: { key, type, length } };
}

/**
 * The numbers of a storage.
 *
 * @param bytes exactly those that its length needs.
 */
export function decodeStorage(
  { type, length }: TensorWindow["storage"],
  bytes: Uint8Array,
  littleEndian: boolean,
): Float32Array {
  if (bytes.length !== type.width * length)
    throw corrupt(`${type.width * length} bytes for ${length} numbers, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Float32Array(length);
  for (let k = 0; k < length; k++) data[k] = type.read(view, k * type.width, littleEndian);
  return data;
}

/** The numbers of a tensor, row-major, whatever its strides. A tensor with more numbers than its storage is refused. */
export function gather({ name, shape, stride, offset }: TensorWindow, storage: Float32Array): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, offset);
  if (size > 0 && !(last < storage.length)) throw corrupt(`${show(name)} to lie within its storage`);
  if (size > storage.length) throw unsupported(`${show(name)} expanded; make it contiguous`);
  const data = new Float32Array(size);
  for (let k = 0; k < size; k++) {
    let [rest, at] = [k, offset];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * stride[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    data[k] = storage[at]!;
  }
  return data;
}

const isCount = (value: PickleValue | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

function counts(value: PickleValue | undefined): number[] | undefined {
  if (!(value instanceof Tuple) || value.items.length > 8) return undefined;
  return value.items.every(isCount) ? (value.items as number[]) : undefined;
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function describe(value: PickleValue): string {
  if (value instanceof Map) return "a dictionary";
  if (Array.isArray(value) || value instanceof Tuple) return "a list";
  if (value instanceof Described) return value.name;
  return value === null ? "None" : show(typeof value === "bigint" ? Number(value) : value);
}

export function corrupt(expected: string): MlrSnetError {
  return new MlrSnetError("FILE_CORRUPT", `The PyTorch file is damaged: expected ${expected}.`);
}

export function unsupported(found: string): MlrSnetError {
  return new MlrSnetError("UNSUPPORTED_FORMAT", `Expected a state dict saved by PyTorch, got ${found}.`);
}
