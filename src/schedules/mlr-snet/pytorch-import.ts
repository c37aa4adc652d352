import { MlrSnetError } from "../../errors.ts";
import { show } from "../show.ts";
import { type CellConfig, checkCell, type PresetName, presets } from "./config.ts";
import { type NamedTensors, packParameters } from "./parameters.ts";
import { readPickle } from "./pickle.ts";
import {
  Described,
  floatStorage,
  type PickleValue,
  persistent,
  rebuildTensor,
  Tuple,
} from "./pickle-machine.ts";

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/**
 * Reads a checkpoint of the authors' code: a state dict saved by PyTorch before 1.6, or later with
 * `_use_new_zipfile_serialization=False`. Executes nothing of the file.
 *
 * The file holds neither gate order nor forget shift: they come from the preset. H, m and the layers come from the shapes.
 *
 * @returns the cell and θ, flat.
 * @throws {MlrSnetError} `FILE_CORRUPT`, `UNSUPPORTED_FORMAT` (another format, or a name that is not allowed),
 * `SHAPE_MISMATCH` (a state dict of something else); nothing else.
 */
export function importPyTorch(
  bytes: Uint8Array,
  preset: PresetName = "meta-test",
): { cell: CellConfig; theta: Float64Array } {
  const tensors = readStateDict(bytes);
  const columns = (name: string): number => tensors.get(name)?.shape[1] ?? 0;
  const rows = (name: string): number => tensors.get(name)?.shape[0] ?? 0;
  const further = [...tensors.keys()].filter((name) => /^layer2\.\d+\.fc_i2h\.0\.weight$/.test(name));
  const cell = checkCell(
    {
      ...presets[preset],
      hidden: columns("layer3.weight"),
      middle: rows("layer1.fc_i2h.0.weight"),
      layers: 1 + further.length,
    },
    "SHAPE_MISMATCH",
  );
  return { cell, theta: packParameters(cell, tensors) };
}

type Tensor = { shape: readonly number[]; data: Float32Array };

/** Five pickles in a row (magic number, protocol, system, object, storage keys), then every storage in key order. */
function readStateDict(bytes: Uint8Array): NamedTensors {
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = readPickle(bytes, at);
    at = end;
    return value;
  };
  if (bytes[0] === 0x50 && bytes[1] === 0x4b)
    throw unsupported("a zip file; save it with `_use_new_zipfile_serialization=False`");
  if (next() !== magic) throw unsupported("another magic number");
  if (next() !== protocol) throw unsupported("another protocol");
  const system = next();
  if (!(system instanceof Map && system.get("little_endian") === true))
    throw unsupported("another byte order");
  const stateDict = next();
  if (!(stateDict instanceof Map)) throw unsupported("something that is no state dict");
  const keys = next();
  const storages = readStorages(bytes, keys, at);
  return new Map(Array.from(stateDict, ([name, value]) => [name, findTensor(name, value, storages)]));
}

/** Per key an int64 count and as many float32, to the end of the file. */
function readStorages(bytes: Uint8Array, keys: PickleValue, start: number): Map<string, Float32Array> {
  if (!Array.isArray(keys)) throw corrupt("a list of storage keys");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Float32Array>();
  let at = start;
  for (const key of keys) {
    if (typeof key !== "string" || storages.has(key)) throw corrupt("storage keys that are texts and differ");
    const left = bytes.length - at - 8;
    if (left < 0) throw corrupt("more bytes");
    const count = view.getBigInt64(at, true);
    if (count < 0n || 4n * count > left) throw corrupt(`${count} numbers in the ${left} bytes left`);
    at += 8;
    const data = new Float32Array(Number(count));
    for (let k = 0; k < data.length; k++, at += 4) data[k] = view.getFloat32(at, true);
    storages.set(key, data);
  }
  if (at !== bytes.length) throw corrupt(`the end at byte ${at}, got ${bytes.length} bytes`);
  return storages;
}

/** _rebuild_tensor_v2(storage, offset, shape, stride, ...) as a window onto its storage. */
function findTensor(name: string, value: PickleValue, storages: ReadonlyMap<string, Float32Array>): Tensor {
  if (!(value instanceof Described && value.name === rebuildTensor))
    throw corrupt(`a tensor as ${show(name)}`);
  const [storage, offset, sizes, strides] = value.items;
  const shape = counts(sizes);
  const stride = counts(strides);
  if (!(storage instanceof Described && storage.name === persistent && shape && stride))
    throw corrupt(`storage, shape and stride for ${show(name)}`);
  const [, type, key] = storage.items;
  if (!(type instanceof Described && type.name === floatStorage))
    throw unsupported(`${show(name)} not in float32`);
  const data = storages.get(key as string);
  const size = volume(shape);
  if (!(data && typeof offset === "number" && offset >= 0 && offset + size <= data.length))
    throw corrupt(`${show(name)} to lie within its storage`);
  if (shape.some((_, axis) => stride[axis] !== volume(shape.slice(axis + 1))))
    throw unsupported(`${show(name)} transposed or with gaps; make it contiguous`);
  return { shape, data: data.subarray(offset, offset + size) };
}

function counts(value: PickleValue | undefined): number[] | undefined {
  const items = value instanceof Tuple ? value.items : [null];
  return items.every((item) => typeof item === "number" && item >= 0) && items.length <= 8
    ? (items as number[])
    : undefined;
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function corrupt(expected: string): MlrSnetError {
  return new MlrSnetError("FILE_CORRUPT", `The PyTorch file is damaged: expected ${expected}.`);
}

function unsupported(found: string): MlrSnetError {
  return new MlrSnetError(
    "UNSUPPORTED_FORMAT",
    `Expected a state dict in PyTorch's legacy format, with float32 numbers, got ${found}.`,
  );
}
